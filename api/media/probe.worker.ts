import { parentPort } from 'node:worker_threads';
import * as v from 'valibot';
import { probeWithMediabunny } from './probe.mediabunny';

/** Runs mediabunny in a thread of its own: a damaged index can keep its parser busy for ever. */
const RequestSchema = v.object({ path: v.string(), bytes: v.number() });

parentPort?.on('message', async (message: unknown) => {
  const { path, bytes } = v.parse(RequestSchema, message);
  parentPort?.postMessage(await probeWithMediabunny(path, bytes));
});
