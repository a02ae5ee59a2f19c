import type { Job } from '../../contract/job.schema';
import type { Pace } from '../../providers/paid/pace';
import { quickPace } from '../../providers/test/quick.pace';
import type { Log } from '../../shared/log';
import { type ReplicateDoubleOptions, startReplicateDouble } from '../doubles/replicate/replicate.double';
import { startSyncDouble } from '../doubles/sync/sync.double';
import { type Answer, startTestStudio } from '../studio.harness';

export type FaultStudio = Awaited<ReturnType<typeof startFaultStudio>>;

/** What its callers send. */
export const FAULT_STUDIO_TOKEN = 'a-token-of-the-fault-studio-0123456789abcdef';

/** A port that was free a moment ago: the address must be known before the studio starts. */
async function freePort(): Promise<number> {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('') });
  const { port } = server;
  await server.stop(true);
  if (port === undefined) throw new Error('No port.');
  return port;
}

/**
 * The whole studio on doubles of both providers, in a hurry, with everything written down that it logs
 * and answers. `pace` may be changed between jobs.
 */
export async function startFaultStudio(
  settings: Record<string, string> = {},
  replicateOptions: ReplicateDoubleOptions = {},
) {
  const replicate = await startReplicateDouble(replicateOptions);
  const sync = await startSyncDouble();
  const pace: Pace = { ...quickPace };
  const written: string[] = [];
  const note = (fields: Record<string, unknown>, event: string) =>
    void written.push(JSON.stringify({ event, ...fields }));
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };
  const port = String(await freePort());
  const studio = await startTestStudio(
    {
      PORT: port,
      // Others reach a studio with a public name, so it needs tokens.
      API_TOKENS: FAULT_STUDIO_TOKEN,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      FETCH_ALLOW_LOOPBACK: 'true',
      REPLICATE_API_TOKEN: replicate.token,
      REPLICATE_BASE_URL: replicate.url,
      SYNC_API_KEY: sync.token,
      SYNC_BASE_URL: sync.url,
      SYNC_WEBHOOK_SECRET: sync.webhookSecret,
      ...settings,
    },
    { log, pace: { provider: pace, retryDelay: () => 0 } },
  );

  /** A call whose answer is written down whole. */
  async function ask<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const answer = await studio.api.call<Body>(
      method,
      path,
      body === undefined ? { headers } : studio.api.json(body, headers),
    );
    written.push(JSON.stringify(answer.body));
    return answer;
  }

  const job = async (jobId: string): Promise<Job> => (await ask<Job>('GET', `/jobs/${jobId}`)).body;

  return {
    studio,
    replicate,
    sync,
    pace,
    written,
    ask,
    api: studio.api,
    sql: studio.studio.services.sql,
    secrets: [replicate.token, sync.token, replicate.webhookSecret, sync.webhookSecret],

    job,

    /** Resolves to a job when it has ended. */
    async ended(jobId: string): Promise<Job> {
      await studio.studio.services.jobs.wait(jobId, { timeoutMs: 60_000 });
      return job(jobId);
    },

    /** Everything in the database, as text. */
    async everyRow(): Promise<string> {
      const { sql } = studio.studio.services;
      const tables = await sql<{ name: string }[]>`
        select table_schema || '.' || table_name as name from information_schema.tables
        where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'`;
      const texts: string[] = [];
      for (const { name } of tables) {
        const [schema = '', table = ''] = name.split('.');
        const rows = await sql<{ row: string }[]>`
          select t::text as row from ${sql(schema)}.${sql(table)} as t`;
        texts.push(...rows.map(({ row }) => row));
      }
      return texts.join('\n');
    },

    async stop(): Promise<void> {
      await studio.stop();
      await replicate.close();
      await sync.close();
    },
  };
}
