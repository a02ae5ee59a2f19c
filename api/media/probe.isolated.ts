import { Worker } from 'node:worker_threads';
import type { MediaInfo } from './media.types';

type Tracks = Omit<MediaInfo, 'kind' | 'image'>;

/** An ordinary file takes milliseconds; one that takes this long is ffprobe's to judge. */
const timeLimitMs = 4000;

/**
 * mediabunny's answer, or null when it has none in time, fails, or is aborted. In a thread, as a
 * damaged file can make the parser loop for ever, and with it everything that shares its thread.
 */
export async function probeIsolated(
  path: string,
  bytes: number,
  signal?: AbortSignal,
  limitMs = timeLimitMs,
): Promise<Tracks | null> {
  signal?.throwIfAborted();
  const worker = new Worker(new URL('./probe.worker.ts', import.meta.url));
  const { promise, resolve, reject } = Promise.withResolvers<Tracks | null>();
  const limit = setTimeout(() => resolve(null), limitMs);
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener('abort', onAbort, { once: true });
  worker.on('message', (tracks: Tracks | null) => resolve(tracks));
  worker.on('error', () => resolve(null));
  worker.postMessage({ path, bytes });
  try {
    return await promise;
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
