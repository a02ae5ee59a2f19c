import type { Database } from '../../../db/connect';
import type { StudioFacts } from '../../contract/studio.schema';

export type StudioUsecases = ReturnType<typeof createStudioUsecases>;

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
      const [stored] = await sql<{ bytes: number; files: number }[]>`
        select coalesce(sum(bytes), 0)::bigint as bytes, count(*)::int as files from (
          select bytes from takes
          union all select source_bytes from takes where source_bytes is not null and kind <> 'trimmed'
          union all select source_bytes from songs
          union all select master_bytes from songs
          union all select encoded_bytes from songs
          union all select bytes from compositions
          union all select bytes from videos
        ) as media`;
      const [waiting] = await sql<{ bytes: number; files: number }[]>`
        select coalesce(sum(bytes), 0)::bigint as bytes, count(*)::int as files from uploads
        where state in ('pending', 'failed')`;
      return {
        version,
        providers,
        storage: {
          bytes: Number(stored?.bytes ?? 0),
          files: stored?.files ?? 0,
          waitingBytes: Number(waiting?.bytes ?? 0),
          waitingFiles: waiting?.files ?? 0,
        },
        maxUploadBytes,
        sample,
      };
    },
  };
}
