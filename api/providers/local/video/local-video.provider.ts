import { join } from 'node:path';
import { ignoredOptions } from '../../ignored-options';
import { providerDied, providerTooSlow } from '../../process/process.errors';
import { type LocalRunContext, runProcess } from '../../process/process.run';
import type { ProviderDescription, ProviderOutcome } from '../../provider.types';
import type { VideoRequest } from '../../video/video.types';
import type { ClipJob } from './local-video.messages';

/** Goes into the record of every take; raised when results change. */
export const LOCAL_VIDEO_MODEL = 'songreel-camera-1';
/** 720p takes about 15 ms a frame (bench providers); a machine that is thirty times slower is stuck. */
const LIMIT_START_MS = 120_000;
const LIMIT_PER_FRAME_MS = 500;

export type LocalVideoOptions = {
  ffmpegPath: string;
  /** ffmpeg's options for the video encoder of a take in this format. */
  videoEncodeArguments: (format: { width: number; height: number; fps: number }) => string[];
  workerPath?: string;
  limitMs?: number;
};

export type LocalVideoProvider = ProviderDescription & {
  paidSeconds(neededSeconds: number): number;
  run(request: VideoRequest, context: LocalRunContext): Promise<ProviderOutcome>;
};

/**
 * Clips made on this machine: a camera that pans, pushes or drifts over the scene's image, steered by
 * the words of the prompt ("push in", "pan left", "slow", "handheld", "film grain"), else by the seed.
 * Silent takes of exactly the frames that are needed.
 */
export function createLocalVideoProvider(options: LocalVideoOptions): LocalVideoProvider {
  return {
    name: 'local',
    model: LOCAL_VIDEO_MODEL,
    options: ['negativePrompt', 'seed', 'image'],
    usesThisMachine: true,
    paidSeconds: () => 0,
    async run(request, context) {
      const { prompt, negativePrompt, imagePath, width, height, fps, frames, seed, outputPath } = request;
      const job: ClipJob = {
        ffmpegPath: options.ffmpegPath,
        prompt,
        negativePrompt,
        imagePath,
        width,
        height,
        fps,
        frames,
        seed,
        outputPath,
        workDirectory: request.workDirectory,
        imageCard: request.imageCard ?? null,
        videoArguments: options.videoEncodeArguments({ width, height, fps }),
      };
      const report = await runProcess(
        {
          workerPath: options.workerPath ?? join(import.meta.dir, 'local-video.worker.ts'),
          job,
          outputPath,
          died: providerDied('clip'),
          limit: {
            ms: options.limitMs ?? LIMIT_START_MS + frames * LIMIT_PER_FRAME_MS,
            error: providerTooSlow('clip'),
          },
        },
        context,
      );
      return { model: LOCAL_VIDEO_MODEL, ignoredOptions: notHonoured(request), costUsd: 0, report };
    },
  };
}

/** What a given picture leaves no use for, and what it has no means for. */
function notHonoured(request: VideoRequest): string[] {
  const asked = [
    ...(request.negativePrompt.trim() === '' ? [] : ['negativePrompt']),
    ...(request.lastImagePath === null ? [] : ['lastImage']),
    ...(request.references.length === 0 ? [] : ['references']),
  ];
  return ignoredOptions(asked, request.imagePath === null ? ['negativePrompt'] : []);
}
