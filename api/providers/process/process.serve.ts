import * as v from 'valibot';
import type { ErrorCode } from '../../contract/error.catalogue';
import type { JobStage } from '../../contract/job.schema';
import { AppError, errorMessage } from '../../shared/errors';
import { linesOf, type ProcessMessage } from './process.messages';

const MIN_PROGRESS_GAP_MS = 100;

export type JobTools = { signal: AbortSignal; progress: (stage: JobStage, fraction: number) => void };

/**
 * The other end of `runProcess`: reads one job from standard input, tells progress and the result on
 * standard output, and ends the process. Stops cleanly on SIGTERM and when standard input closes, which
 * is how it learns that whoever started it is gone.
 */
export async function serveJob<Schema extends v.GenericSchema>(options: {
  schema: Schema;
  run: (job: v.InferOutput<Schema>, tools: JobTools) => Promise<Record<string, unknown>>;
  /** Code and beginning of the message for what is no AppError: "The local engine failed". */
  failed: { code: ErrorCode; what: string };
}): Promise<never> {
  const stop = new AbortController();
  process.on('SIGTERM', () => stop.abort());
  const input = linesOf(Bun.stdin.stream());
  const first = await input.next();
  const job = v.parse(options.schema, JSON.parse(first.value ?? 'null'));
  const stopNow = () => stop.abort();
  input.next().then(stopNow, stopNow);
  try {
    const progress = throttled((stage, fraction) => say({ type: 'progress', stage, fraction }));
    say({ type: 'report', report: await options.run(job, { signal: stop.signal, progress }) });
  } catch (error) {
    if (stop.signal.aborted) process.exit(143);
    say(errorOf(error, options.failed));
    process.exit(1);
  }
  process.exit(0);
}

function say(message: ProcessMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function errorOf(error: unknown, failed: { code: ErrorCode; what: string }): ProcessMessage {
  if (error instanceof AppError) {
    const { code, status, message, details, retryable } = error;
    return { type: 'error', code, status, message, details, retryable };
  }
  return {
    type: 'error',
    code: failed.code,
    status: 500,
    message: `${failed.what}: ${errorMessage(error)}`,
    details: error instanceof Error ? error.stack : undefined,
    retryable: false,
  };
}

function throttled(tell: JobTools['progress']): JobTools['progress'] {
  let lastStage = '';
  let lastTime = 0;
  return (stage, fraction) => {
    const now = performance.now();
    if (stage === lastStage && fraction < 1 && now - lastTime < MIN_PROGRESS_GAP_MS) return;
    lastStage = stage;
    lastTime = now;
    tell(stage, fraction);
  };
}
