import { Worker } from 'node:worker_threads';
import pTimeout from 'p-timeout';
import type { MediaInfo } from './media.types';

type Tracks = Omit<MediaInfo, 'kind' | 'image'>;

/**
 * mediabunny's answer, or null when it has none in time, fails, or is aborted. In a thread, as a
 * damaged file can make the parser loop for ever, and with it everything that shares its thread.
 */
export type ProbeIsolated = (
  path: string,
  bytes: number,
  signal?: AbortSignal,
  limitMs?: number,
) => Promise<Tracks | null>;

/**
 * An ordinary file takes milliseconds; one that takes longer is ffprobe's to judge. It reads all of the file
 * (about 1 GB/s), so the larger the file, the longer it is worth waiting for this answer.
 */
const timeLimit = (bytes: number) => Math.min(4000, 1000 + bytes / 50_000);

/** Starting a thread and the parser in it takes 64 ms of processor time, reading an ordinary file 3. */
const mostKept = 2;
/** A thread is replaced after so many files, so that nothing that a parser holds on to adds up. */
const filesOfThread = 200;
const keptForMs = 10_000;

/** With a thread for this file alone. */
export const probeIsolated: ProbeIsolated = async (path, bytes, signal, limitMs = timeLimit(bytes)) => {
  signal?.throwIfAborted();
  const thread = startThread();
  try {
    return await thread.ask(path, bytes, signal, limitMs);
  } finally {
    await thread.end();
  }
};

/**
 * With threads that are kept for a while for the next file. One that was late, failed or was given up
 * is ended.
 */
export function createKeptProbe(): ProbeIsolated {
  const idle: Thread[] = [];

  function takeOut(thread: Thread): void {
    const place = idle.indexOf(thread);
    if (place >= 0) idle.splice(place, 1);
  }

  return async (path, bytes, signal, limitMs = timeLimit(bytes)) => {
    signal?.throwIfAborted();
    const kept = idle.pop();
    const thread = kept?.isReady() === true ? kept : startThread();
    clearTimeout(kept?.life.expiry);
    try {
      return await thread.ask(path, bytes, signal, limitMs);
    } finally {
      if (thread.isReady() && thread.life.files < filesOfThread && idle.length < mostKept) {
        idle.push(thread);
        thread.life.expiry = setTimeout(() => {
          takeOut(thread);
          void thread.end();
        }, keptForMs);
        thread.life.expiry.unref();
      } else await thread.end();
    }
  };
}

type Thread = ReturnType<typeof startThread>;

function startThread() {
  const worker = new Worker(new URL('./probe.worker.ts', import.meta.url));
  // A thread that waits for files keeps no process from ending.
  worker.unref();
  let state: 'ready' | 'reading' | 'broken' = 'ready';
  let settle: (tracks: Tracks | null) => void = () => undefined;
  worker.on('message', (tracks: Tracks | null) => {
    state = 'ready';
    settle(tracks);
  });
  worker.on('error', () => {
    state = 'broken';
    settle(null);
  });
  const life: { files: number; expiry?: Timer } = { files: 0 };
  return {
    life,
    /** Whether it has answered everything that it was asked. */
    isReady: () => state === 'ready',
    end: () => worker.terminate(),
    async ask(path: string, bytes: number, signal: AbortSignal | undefined, limitMs: number) {
      const { promise, resolve } = Promise.withResolvers<Tracks | null>();
      settle = resolve;
      state = 'reading';
      life.files += 1;
      worker.postMessage({ path, bytes });
      return pTimeout(promise, {
        milliseconds: limitMs,
        fallback: () => null,
        ...(signal === undefined ? {} : { signal }),
      });
    },
  };
}
