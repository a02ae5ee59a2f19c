import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { AppError } from '../../../shared/errors';
import type { ProviderContext, ProviderDescription, ProviderOutcome } from '../../provider.types';
import type { LipsyncRequest } from '../lipsync.types';
import { EngineMessageSchema, linesOf } from './local.messages';

export type LocalLipsyncOptions = {
  ffmpegPath: string;
  /** ffmpeg's options for the video encoder of a take in this format. */
  videoEncodeArguments: (format: { width: number; height: number; fps: number }) => string[];
  /** The program that runs the engine's process; this very Bun by default. */
  bunPath?: string;
  /** The file that the process runs; replaced in tests. */
  workerPath?: string;
};

/** It costs nothing, so it needs nothing of what paid providers get. */
export type LocalRunContext = Pick<ProviderContext, 'signal' | 'progress' | 'log'>;
export type LocalLipsyncProvider = ProviderDescription & {
  run(request: LipsyncRequest, context: LocalRunContext): Promise<ProviderOutcome>;
};

/** Goes into the record of every take; raised when results change. */
export const LOCAL_MODEL = 'songreel-local-1';
/** After a polite stop the engine has this long before it is killed: a cancel must take under 1 s. */
const STOP_WITHIN_MS = 600;

/** The engine that needs no account: each lip-sync runs in a process of its own on this machine. */
export function createLocalLipsyncProvider(options: LocalLipsyncOptions): LocalLipsyncProvider {
  return {
    name: 'local',
    model: LOCAL_MODEL,
    options: ['temperature', 'active_speaker_detection', 'occlusion_detection_enabled', 'speaker'],
    usesThisMachine: true,
    run: (request, context) => run(options, request, context),
  };
}

async function run(
  options: LocalLipsyncOptions,
  request: LipsyncRequest,
  context: LocalRunContext,
): Promise<ProviderOutcome> {
  const { signal } = context;
  signal.throwIfAborted();
  const worker = Bun.spawn(
    // A small heap: the pictures are outside it, and collecting more often costs nothing measurable.
    [
      options.bunPath ?? process.execPath,
      '--smol',
      options.workerPath ?? join(import.meta.dir, 'local.worker.ts'),
    ],
    { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' },
  );
  let killTimer: ReturnType<typeof setTimeout> | undefined;
  const stop = (): void => {
    worker.kill('SIGTERM');
    killTimer = setTimeout(() => worker.kill('SIGKILL'), STOP_WITHIN_MS);
  };
  signal.addEventListener('abort', stop, { once: true });
  const complaint = new Response(worker.stderr).text();
  let report: Record<string, unknown> | undefined;
  let failure: AppError | undefined;
  let isFinished = false;
  try {
    worker.stdin.write(`${JSON.stringify(jobOf(options, request))}\n`);
    await worker.stdin.flush();
    for await (const line of linesOf(worker.stdout)) {
      const message = parseMessage(line);
      if (message?.type === 'progress') context.progress(message.stage, message.fraction);
      if (message?.type === 'report') report = message.report;
      if (message?.type === 'error') failure = new AppError(message);
    }
    await worker.exited;
    signal.throwIfAborted();
    if (failure) throw failure;
    if (!report || worker.exitCode !== 0) throw died(worker.exitCode, worker.signalCode, await complaint);
    isFinished = true;
    return { model: LOCAL_MODEL, ignoredOptions: [], costUsd: 0, report };
  } finally {
    signal.removeEventListener('abort', stop);
    if (worker.exitCode === null && worker.signalCode === null) worker.kill('SIGKILL');
    await worker.exited;
    clearTimeout(killTimer);
    if (!isFinished) await rm(request.outputPath, { force: true });
  }
}

function jobOf(options: LocalLipsyncOptions, request: LipsyncRequest): Record<string, unknown> {
  const { videoPath, audioPath, vocalPath, outputPath, workDirectory, width, height, fps, frames } = request;
  return {
    ffmpegPath: options.ffmpegPath,
    ...{ videoPath, audioPath, vocalPath, outputPath, workDirectory, width, height, fps, frames },
    options: request.options,
    videoArguments: options.videoEncodeArguments({ width, height, fps }),
  };
}

/** Anything that isn't a message (a library that prints) is passed over. */
function parseMessage(line: string): v.InferOutput<typeof EngineMessageSchema> | null {
  if (!line.startsWith('{')) return null;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), EngineMessageSchema), line);
  return parsed.success ? parsed.output : null;
}

function died(code: number | null, signal: unknown, complaint: string): AppError {
  return new AppError({
    code: 'LipsyncEngineDied',
    status: 500,
    message: `The local lip-sync engine stopped unexpectedly (${signal ?? `exit code ${code}`}). Try again; if it happens again, the machine may be short of memory.`,
    details: { lastOutput: complaint.trim().slice(-500) },
    retryable: true,
  });
}
