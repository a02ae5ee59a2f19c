import { join } from 'node:path';
import * as v from 'valibot';

/** What each stream got: where it began and the numbers of its events, in order. */
const StreamReportSchema = v.array(
  v.object({ projectId: v.string(), begin: v.number(), ids: v.array(v.number()) }),
);
export type StreamReport = v.InferOutput<typeof StreamReportSchema>;

export type EventStreams = {
  report(): Promise<StreamReport>;
  stop(): Promise<void>;
};

/** Opens that many event streams, spread over the projects; resolves when all of them stand. */
export async function openStreams(order: {
  base: string;
  projectIds: readonly string[];
  streams: number;
}): Promise<EventStreams> {
  let answered: (message: unknown) => void = () => undefined;
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'event-streams.process.ts')], {
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
    ipc: (message) => answered(message),
  });
  const ask = (message: unknown) =>
    new Promise<unknown>((resolve, reject) => {
      answered = resolve;
      void child.exited.then((code) => reject(new Error(`The streams ended with ${code}.`)));
      child.send(message);
    });
  await ask(order);
  return {
    report: async () => v.parse(StreamReportSchema, await ask('report')),
    async stop() {
      child.kill();
      await child.exited;
    },
  };
}

/** What is wrong with what streams got, where the database has these events of each project. */
export function wrongStreams(
  report: StreamReport,
  events: ReadonlyMap<string, readonly number[]>,
): { missed: number; wrong: string[] } {
  let missed = 0;
  const wrong: string[] = [];
  for (const [index, { projectId, begin, ids }] of report.entries()) {
    const expected = (events.get(projectId) ?? []).filter((id) => id > begin);
    const got = new Set(ids);
    const lost = expected.filter((id) => !got.has(id));
    missed += lost.length;
    if (ids.join() !== expected.join()) {
      wrong.push(`stream ${index}: ${ids.length} of ${expected.length} events, ${lost.length} missed`);
    }
  }
  return { missed, wrong };
}
