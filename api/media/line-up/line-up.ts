import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import pTimeout from 'p-timeout';
import { AppError } from '../../shared/errors';
import type { MediaTools, StepOptions } from '../media.types';
import { decodeForLineUp } from './decode';
import type { LineUpClips, LineUpFinding } from './line-up.types';

/** Far more than the longest song and clip take; a thread that is not done by then never is. */
const LIMIT_MS = 10 * 60 * 1000;

/** Listens to a song, and to some clips one after the other. */
export async function lineUpClips(
  tools: MediaTools,
  of: Parameters<LineUpClips>[0],
  step: StepOptions,
): ReturnType<LineUpClips> {
  const decoded = join(of.workDirectory, 'line-up.pcm');
  const thread = startThread(step.signal);
  try {
    await decodeForLineUp(tools, of.song, decoded, step);
    await thread.ask({ kind: 'song', path: decoded });
    const findings = new Map<string, LineUpFinding | null>();
    for (const [index, clip] of of.clips.entries()) {
      step.onProgress?.(index / of.clips.length);
      const input = await clip.fetch();
      const isDecoded = await decodeForLineUp(tools, input, decoded, step).then(
        () => true,
        (error) => {
          if (error instanceof AppError && error.code === 'MediaStepFailed') return false;
          throw error;
        },
      );
      findings.set(clip.id, isDecoded ? await thread.ask({ kind: 'clip', path: decoded }) : null);
    }
    return findings;
  } finally {
    await thread.end();
  }
}

function startThread(signal: AbortSignal | undefined) {
  const worker = new Worker(new URL('./line-up.worker.ts', import.meta.url));
  worker.unref();
  let settle = Promise.withResolvers<LineUpFinding | null>();
  worker.on('message', (finding: LineUpFinding | null) => settle.resolve(finding));
  worker.on('error', (error) => settle.reject(error));
  return {
    end: () => worker.terminate(),
    ask(question: { kind: 'song' | 'clip'; path: string }): Promise<LineUpFinding | null> {
      settle = Promise.withResolvers<LineUpFinding | null>();
      worker.postMessage(question);
      return pTimeout(settle.promise, {
        milliseconds: LIMIT_MS,
        ...(signal === undefined ? {} : { signal }),
      });
    },
  };
}
