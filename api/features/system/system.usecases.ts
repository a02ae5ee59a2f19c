import type { Database } from '../../../db/connect';
import type { Jobs } from '../../jobs/jobs.types';
import { errorMessage } from '../../shared/errors';
import type { Storage } from '../../storage/storage.types';

export type PartState = { ready: boolean; message?: string };
export type Readiness = { ready: boolean; parts: Record<'database' | 'storage' | 'queue', PartState> };
export type SystemUsecases = ReturnType<typeof createSystemUsecases>;

/** A probe must answer before its caller gives up on it. */
const PROBE_TIMEOUT_MS = 3000;

export function createSystemUsecases(deps: {
  sql: Database;
  jobs: Pick<Jobs, 'counts'>;
  storage: Pick<Storage, 'head' | 'counters'>;
}) {
  const { sql, jobs, storage } = deps;

  async function probe(work: () => Promise<unknown>): Promise<PartState> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error('no answer in time')), PROBE_TIMEOUT_MS);
    try {
      await Promise.race([work(), late]);
      return { ready: true };
    } catch (error) {
      return { ready: false, message: errorMessage(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async readiness(): Promise<Readiness> {
      const [database, objects, queue] = await Promise.all([
        probe(() => sql`select 1`),
        probe(() => storage.head('readiness')),
        probe(() => jobs.counts()),
      ]);
      const parts = { database, storage: objects, queue };
      return { ready: Object.values(parts).every((part) => part.ready), parts };
    },

    /** The studio's figures in Prometheus' text format. */
    async metrics(): Promise<string> {
      const counters = storage.counters();
      const counts = await jobs.counts();
      const outbox = await sql<{ state: string; files: number; bytes: number }[]>`
        select state, count(*)::int as files, coalesce(sum(bytes), 0)::bigint as bytes
        from uploads where state <> 'deleted' group by state`;
      return [
        ...metric('songreel_jobs', 'gauge', 'Jobs by kind and state.', [
          ...counts.map(({ kind, state, count }) => ({ labels: { kind, state }, value: count })),
        ]),
        ...metric('songreel_outbox_files', 'gauge', 'Local files by state of their upload.', [
          ...outbox.map(({ state, files }) => ({ labels: { state }, value: files })),
        ]),
        ...metric('songreel_outbox_bytes', 'gauge', 'Bytes of local files by state of their upload.', [
          ...outbox.map(({ state, bytes }) => ({ labels: { state }, value: bytes })),
        ]),
        ...metric(
          'songreel_bytes_freed_total',
          'counter',
          'Bytes of local media deleted after a confirmed upload.',
          [{ labels: {}, value: counters.bytesFreed }],
        ),
        ...metric('songreel_uploads_confirmed_total', 'counter', 'Uploads proven to be in S3.', [
          { labels: {}, value: counters.uploadsConfirmed },
        ]),
        ...metric('songreel_uploads_failed_total', 'counter', 'Upload attempts that failed.', [
          { labels: {}, value: counters.uploadsFailed },
        ]),
        '',
      ].join('\n');
    },
  };
}

function metric(
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  values: { labels: Record<string, string>; value: number }[],
): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...values.map(({ labels, value }) => {
      const text = Object.entries(labels)
        .map(([label, labelValue]) => `${label}="${labelValue}"`)
        .join(',');
      return `${name}${text === '' ? '' : `{${text}}`} ${value}`;
    }),
  ];
}
