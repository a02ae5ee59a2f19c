import type { Database } from '../../../db/connect';
import type { StudioFacts } from '../../contract/studio.schema';
import { sumStoredMedia } from '../../library/stored-media.repository';
import { sumWaitingUploads } from './system.repository';

export type StudioUsecases = ReturnType<typeof createStudioUsecases>;

/** What the settings page and programs ask first: version, providers, limits, and how much is stored. */
export function createStudioUsecases(deps: {
  sql: Database;
  version: string;
  providers: StudioFacts['providers'];
  maxUploadBytes: number;
  sample: boolean;
}) {
  const { sql, version, providers, maxUploadBytes, sample } = deps;

  return {
    async read(): Promise<StudioFacts> {
      const stored = await sumStoredMedia(sql);
      const waiting = await sumWaitingUploads(sql);
      return {
        version,
        providers,
        storage: {
          ...stored,
          waitingBytes: waiting.bytes,
          waitingFiles: waiting.files,
        },
        maxUploadBytes,
        sample,
      };
    },
  };
}
