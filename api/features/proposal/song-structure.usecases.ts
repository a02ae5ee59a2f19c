import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { Database } from '../../../db/connect';
import type { Peaks } from '../../contract/project.schema';
import type { SongStructure } from '../../contract/song-structure.schema';
import { projectHasNoSong } from '../../library/projects.errors';
import { requireProject } from '../../library/projects.lookup';
import type { MediaService } from '../../media/media.service.types';
import type { Storage } from '../../storage/storage.types';
import { structureOf } from './song-structure.rules';

export type SongStructureUsecases = ReturnType<typeof createSongStructureUsecases>;

/** A structure is some 20 kB; more songs than these are not looked at in one sitting. */
const MOST_KEPT = 100;

/** Beats, bars and sections of songs. */
export function createSongStructureUsecases(deps: {
  sql: Database;
  storage: Pick<Storage, 'download' | 'inScratchFolder'>;
  media: Pick<MediaService, 'measureSpectrum'>;
  readPeaks: (projectId: string, signal: AbortSignal) => Promise<Peaks>;
}) {
  const { sql, storage, media } = deps;
  const round = (seconds: number) => Math.round(seconds * 10_000) / 10_000;

  /** A song never changes: what was found once holds. Those who ask at the same time wait for one analysis. */
  const known = new LRUCache<string, SongStructure, { projectId: string; signal: AbortSignal }>({
    max: MOST_KEPT,
    // Whoever else waits for it gets it, though the one who asked first has gone.
    ignoreFetchAbort: true,
    async fetchMethod(_songId, _stale, { context }) {
      const { projectId, signal } = context;
      const { song } = await requireProject(sql, projectId);
      if (song === null) throw projectHasNoSong();
      const { peaks } = await deps.readPeaks(projectId, signal);
      const spectrum = await storage.inScratchFolder(async (folder) => {
        const master = join(folder, 'master.wav');
        await storage.download(song.masterKey, master, { signal, sha256: song.masterSha256 });
        return media.measureSpectrum(master, signal);
      });
      const { bpm, beats, bars, sections } = structureOf(peaks, spectrum);
      return {
        songId: song.id,
        duration: song.samples / song.sampleRate,
        bpm: bpm === null ? null : Math.round(bpm * 10) / 10,
        beats: beats.map(round),
        bars: bars.map(round),
        sections: sections.map((section) => {
          const { start, end, name, part } = section;
          return { start: round(start), end: round(end), name, part };
        }),
      };
    },
  });

  return {
    /**
     * The structure of a project's song; worked out when it is first asked for.
     * @throws AppError `ProjectNotFound`, `ProjectHasNoSong`
     */
    async read(projectId: string, signal: AbortSignal): Promise<SongStructure> {
      const { id, song } = await requireProject(sql, projectId);
      if (song === null) throw projectHasNoSong();
      const context = { projectId: id, signal };
      return known.forceFetch(song.id, { context });
    },
  };
}
