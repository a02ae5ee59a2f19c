import { join } from 'node:path';
import { AppError } from '../../../shared/errors';
import type { LipsyncRequest } from '../../lipsync/lipsync.types';
import { type LocalRunContext, runProcess } from '../../process/process.run';
import type { ProviderDescription, ProviderOutcome } from '../../provider.types';

export type LocalLipsyncOptions = {
  ffmpegPath: string;
  /** ffmpeg's options for the video encoder of a take in this format. */
  videoEncodeArguments: (format: { width: number; height: number; fps: number }) => string[];
  /** The program that runs the engine's process; this very Bun by default. */
  bunPath?: string;
  /** The file that the process runs; replaced in tests. */
  workerPath?: string;
};

export type LocalLipsyncProvider = ProviderDescription & {
  run(request: LipsyncRequest, context: LocalRunContext): Promise<ProviderOutcome>;
};

/** Goes into the record of every take; raised when results change. */
export const LOCAL_MODEL = 'songreel-local-1';

/**
 * JavaScriptCore's last compiler works longer on this program than a clip lasts: without it five
 * seconds of video take .5 s of processor time less, and long clips no more. `env` turns into the
 * program that it starts, so signals reach the engine.
 */
const withoutSlowCompiler = process.platform === 'win32' ? [] : ['/usr/bin/env', 'BUN_JSC_useFTLJIT=0'];

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
  const report = await runProcess(
    {
      bunPath: options.bunPath,
      launcher: withoutSlowCompiler,
      workerPath: options.workerPath ?? join(import.meta.dir, 'local.worker.ts'),
      job: jobOf(options, request),
      outputPath: request.outputPath,
      died,
    },
    context,
  );
  return { model: LOCAL_MODEL, ignoredOptions: [], costUsd: 0, report };
}

function jobOf(options: LocalLipsyncOptions, request: LipsyncRequest): Record<string, unknown> {
  const { videoPath, audioPath, vocalPath, outputPath, workDirectory, width, height, fps, frames } = request;
  return {
    ffmpegPath: options.ffmpegPath,
    videoPath,
    audioPath,
    vocalPath,
    outputPath,
    workDirectory,
    width,
    height,
    fps,
    frames,
    options: request.options,
    videoArguments: options.videoEncodeArguments({ width, height, fps }),
  };
}

function died(ending: string, lastOutput: string): AppError {
  return new AppError({
    code: 'LipsyncEngineDied',
    message: `The local lip-sync engine stopped unexpectedly (${ending}). Try again; if it happens again, the machine may be short of memory.`,
    details: { lastOutput },
  });
}
