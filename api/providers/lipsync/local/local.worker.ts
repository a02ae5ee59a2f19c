import * as v from 'valibot';
import { AppError, errorMessage } from '../../../shared/errors';
import { runEngine } from './engine';
import { EngineJobSchema, type EngineMessage, linesOf } from './local.messages';

/**
 * The engine's own process: reads one job from standard input, tells progress and the result on
 * standard output. Stops cleanly on SIGTERM and when standard input closes, which is how it learns
 * that whoever started it is gone.
 */
const MIN_PROGRESS_GAP_MS = 100;

async function main(): Promise<number> {
  const stop = new AbortController();
  process.on('SIGTERM', () => stop.abort());
  const input = linesOf(Bun.stdin.stream());
  const first = await input.next();
  const job = v.parse(EngineJobSchema, JSON.parse(first.value ?? 'null'));
  void input.next().then(() => stop.abort());
  try {
    const report = await runEngine(job, {
      signal: stop.signal,
      progress: throttled((stage, fraction) => say({ type: 'progress', stage, fraction })),
      now: () => performance.now(),
    });
    say({ type: 'report', report });
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return 143;
    say(errorOf(error));
    return 1;
  }
}

function say(message: EngineMessage): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function errorOf(error: unknown): EngineMessage {
  if (error instanceof AppError) {
    const { code, status, message, details, retryable } = error;
    return { type: 'error', code, status, message, details, retryable };
  }
  return {
    type: 'error',
    code: 'LipsyncEngineFailed',
    status: 500,
    message: `The local lip-sync engine failed: ${errorMessage(error)}`,
    details: error instanceof Error ? error.stack : undefined,
    retryable: false,
  };
}

function throttled(
  tell: (stage: string, fraction: number) => void,
): (stage: string, fraction: number) => void {
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

if (import.meta.main) process.exit(await main());
