import { afterAll, afterEach, beforeAll, beforeEach, setDefaultTimeout } from 'bun:test';
import type { Database } from '../../../db/connect';
import { createTestDatabase, type TestDatabase } from '../../../db/test-database';
import type { Job } from '../../contract/job.schema';
import type { JobContext, JobHandler, NewJob } from '../jobs.types';
import { type Studio, startStudio } from './studio';

const doNothing: JobHandler = async () => {};

/** A database, and for each test a project with one scene and a studio that runs jobs by `on.handler`. */
export function jobsHarness() {
  // A busy machine may take many times the usual fraction of a second.
  setDefaultTimeout(60_000);
  let database: TestDatabase;
  let studio: Studio;
  const on = {
    project: '',
    scene: '',
    /** What the studio does with a job; at first it just succeeds. */
    handler: doNothing,
    get sql(): Database {
      return database.sql;
    },
    get databaseUrl(): string {
      return database.url;
    },
    /** A test may start another in its place, which then is ended after it. */
    get studio(): Studio {
      return studio;
    },
    set studio(other: Studio) {
      studio = other;
    },
    async finish(job: Job, result: Record<string, unknown>): Promise<void> {
      await on.sql.begin((tx) => studio.jobs.succeed(tx, job.id, { result }));
    },
    create: (job: Partial<NewJob> = {}) =>
      on.sql.begin((tx) =>
        studio.jobs.create(tx, {
          kind: 'upload_image',
          projectId: on.project,
          sceneId: on.scene,
          options: {},
          enqueue: true,
          ...job,
        }),
      ),
    ended: (jobId: string) => studio.jobs.wait(jobId, { timeoutMs: 20_000 }),
    /** The queue's own entries. */
    entries: () =>
      on.sql<{ state: string }[]>`
        select state::text from pgboss.job where name in ('ffmpeg', 'lipsync', 'compose')`,
    /** What was published, one after the other. */
    states: () => studio.published.map((event) => (event.type === 'job' ? event.payload.state : event.type)),
    /** From now on jobs hang until they are aborted. Resolves with what the handler saw. */
    hanging() {
      const started = Promise.withResolvers<{ job: Job; context: JobContext }>();
      const reason = Promise.withResolvers<unknown>();
      on.handler = (job, context) => {
        started.resolve({ job, context });
        return new Promise((_, reject) => {
          context.signal.addEventListener('abort', () => {
            reason.resolve(context.signal.reason);
            reject(context.signal.reason);
          });
        });
      };
      return { started: started.promise, reason: reason.promise };
    },
  };

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    const { sql } = on;
    on.project = crypto.randomUUID();
    on.scene = crypto.randomUUID();
    await sql`insert into projects ${sql({ id: on.project, title: 't', mode: 'music-video', width: 128, height: 128, fps: 25 })}`;
    await sql`insert into scenes ${sql({ id: on.scene, projectId: on.project, sequence: 1 })}`;
    on.handler = (job) => on.finish(job, {});
    studio = await startStudio(database.url, (job, context) => on.handler(job, context));
  });
  afterEach(async () => {
    await studio.end();
    await on.sql`delete from jobs`;
    await on.sql`delete from pgboss.job`;
  });
  return on;
}

/** Looks again and again until something is there; the test's own time limit ends it. */
export async function until<T>(look: () => Promise<T | null | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await Bun.sleep(10);
  }
}
