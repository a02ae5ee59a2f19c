import { join } from 'node:path';
import type { Database } from '../../../db/connect';
import type { Peaks } from '../../contract/project.schema';
import { projectHasNoSong } from '../../library/projects.errors';
import { requireProject } from '../../library/projects.lookup';
import { findPeaks, savePeaks } from '../../library/projects.repository';
import type { MediaService } from '../../media/media.service.types';
import type { Storage } from '../../storage/storage.types';

/** As api/media measures them. */
const PEAKS_PER_SECOND = 100;

export type SongPeaksUsecases = ReturnType<typeof createSongPeaksUsecases>;

export function createSongPeaksUsecases(deps: {
  sql: Database;
  storage: Pick<Storage, 'download' | 'inScratchFolder'>;
  media: Pick<MediaService, 'measurePeaks'>;
}) {
  const { sql, storage, media } = deps;

  return {
    /**
     * How loud the project's song is over time. Measured when the song came in; for songs from before
     * that was done, now, and kept.
     * @throws AppError `ProjectNotFound`, `ProjectHasNoSong`
     */
    async read(projectId: string, signal: AbortSignal): Promise<Peaks> {
      const project = await requireProject(sql, projectId);
      const { song } = project;
      if (song === null) throw projectHasNoSong();
      let peaks = await findPeaks(sql, song.id);
      if (peaks === null) {
        peaks = await storage.inScratchFolder(async (folder) => {
          const master = join(folder, 'master.wav');
          await storage.download(song.masterKey, master, { signal, sha256: song.masterSha256 });
          return media.measurePeaks(master);
        });
        await savePeaks(sql, song.id, peaks);
      }
      return { songId: song.id, peaksPerSecond: PEAKS_PER_SECOND, peaks: [...peaks] };
    },
  };
}
