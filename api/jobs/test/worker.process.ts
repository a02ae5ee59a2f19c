import { connect } from '../../../db/connect';
import { startStudio } from './studio';

/**
 * A worker in a process of its own: `worker.process.ts URL MODE`. Prints a line for each step, so that
 * tests wait for it. Mode `hang` never ends a job, `finish` ends it at once.
 */
const [, , url = '', mode = 'finish'] = process.argv;
const sql = connect(url, { max: 2 });
const studio = await startStudio(url, async (job, { signal, attempt }) => {
  console.log(`run ${job.id} ${attempt}`);
  if (mode === 'hang') {
    await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  }
  await sql.begin((tx) => studio.jobs.succeed(tx, job.id, { result: { pid: process.pid } }));
});
process.once('SIGTERM', async () => {
  await studio.jobs.stopWorker({ graceMs: 50 });
  console.log('stopped');
  await studio.end();
  await sql.end({ timeout: 1 });
});
await studio.jobs.startWorker();
console.log('ready');
