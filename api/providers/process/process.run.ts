import { rm } from 'node:fs/promises';
import * as v from 'valibot';
import { type AppError, RelayedError } from '../../shared/errors';
import { lowPriorityCommand } from '../../shared/low-priority-command';
import type { ProviderContext } from '../provider.types';
import { linesOf, ProcessMessageSchema } from './process.messages';

/** It costs nothing, so it needs nothing of what paid providers get. */
export type LocalRunContext = Pick<ProviderContext, 'signal' | 'progress' | 'log'>;

export type ProcessRun = {
  /** The program that runs the process; this very Bun by default. */
  bunPath?: string | undefined;
  /** A program that turns into the one it is given, with its arguments: what stands before `bunPath`. */
  launcher?: readonly string[];
  /** The file that the process runs: it calls `serveJob`. */
  workerPath: string;
  /** Plain JSON: what the process is to do. */
  job: Record<string, unknown>;
  /** Removed unless the process reports that it is whole; null: it makes no file. */
  outputPath: string | null;
  /** After this long the process is stopped; left out: it may take as long as it likes. */
  limit?: { ms: number; error: () => AppError };
  /** The error of a process that ended without a word. */
  died: (ending: string, lastOutput: string) => AppError;
};

/** After a polite stop the process has this long before it is killed: a cancel must take under 1 s. */
const STOP_WITHIN_MS = 600;

/**
 * Runs one job of a local provider in a process of its own and gives its report. Cancelling stops the
 * process, at low priority and then by force; it stops by itself when this process is gone. When this returns
 * or throws, the process is gone, and after a failure its output too.
 * @throws the signal's reason; the AppError that the process told; `limit.error`; `died`
 */
export async function runProcess(
  run: ProcessRun,
  context: LocalRunContext,
): Promise<Record<string, unknown>> {
  const { signal } = context;
  signal.throwIfAborted();
  // A small heap: pictures are outside it, and collecting more often costs nothing measurable.
  const program = [...(run.launcher ?? []), run.bunPath ?? process.execPath];
  const worker = Bun.spawn(lowPriorityCommand([...program, '--smol', run.workerPath]), {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  let killTimer: ReturnType<typeof setTimeout> | undefined;
  let isLate = false;
  const stop = (): void => {
    worker.kill('SIGTERM');
    killTimer ??= setTimeout(() => worker.kill('SIGKILL'), STOP_WITHIN_MS);
  };
  signal.addEventListener('abort', stop, { once: true });
  const limit = run.limit;
  const limitTimer =
    limit &&
    setTimeout(() => {
      isLate = true;
      stop();
    }, limit.ms);
  const complaint = new Response(worker.stderr).text();
  let report: Record<string, unknown> | undefined;
  let failure: AppError | undefined;
  let isFinished = false;
  try {
    worker.stdin.write(`${JSON.stringify(run.job)}\n`);
    await worker.stdin.flush();
    for await (const line of linesOf(worker.stdout)) {
      const message = parseMessage(line);
      if (message?.type === 'progress') context.progress(message.stage, message.fraction);
      if (message?.type === 'report') report = message.report;
      if (message?.type === 'error') failure = new RelayedError(message);
    }
    await worker.exited;
    signal.throwIfAborted();
    if (isLate && limit) throw limit.error();
    if (failure) throw failure;
    if (!report || worker.exitCode !== 0) {
      const ending = worker.exitCode === null ? String(worker.signalCode) : `exit code ${worker.exitCode}`;
      throw run.died(ending, (await complaint).trim().slice(-500));
    }
    isFinished = true;
    return report;
  } finally {
    signal.removeEventListener('abort', stop);
    clearTimeout(limitTimer);
    if (worker.exitCode === null && worker.signalCode === null) worker.kill('SIGKILL');
    await worker.exited;
    clearTimeout(killTimer);
    if (!isFinished && run.outputPath !== null) await rm(run.outputPath, { force: true });
  }
}

/** Anything that isn't a message (a library that prints) is passed over. */
function parseMessage(line: string): v.InferOutput<typeof ProcessMessageSchema> | null {
  if (!line.startsWith('{')) return null;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), ProcessMessageSchema), line);
  return parsed.success ? parsed.output : null;
}
