import { rename, rm } from 'node:fs/promises';
import { AppError } from '../shared/errors';
import { checkSong } from './check';
import { runFfmpeg } from './ffmpeg.runner';
import type { MediaInfo, MediaTools, StepOptions } from './media.types';
import { prepareSongArguments } from './song.arguments';
import { readWav } from './wav';

/** The two files that everything later is made of, and the song's exact length. */
export type PreparedSong = {
  wavPath: string;
  aacPath: string;
  /** Samples per channel at 48 kHz. */
  samples: number;
  sampleRate: number;
  channels: number;
  /** Seconds: samples / sampleRate. */
  duration: number;
};

/**
 * Decodes a song once, at upload: to a 48 kHz WAV master, from which slices are cut, and to AAC,
 * which final videos copy. Throws the refusals of checkSong, and DamagedMedia.
 */
export async function prepareSong(
  tools: MediaTools,
  request: { sourcePath: string; info?: MediaInfo; wavPath: string; aacPath: string },
  options: StepOptions = {},
): Promise<PreparedSong> {
  const info = request.info ?? (await checkSong(tools, request.sourcePath, options.signal));
  const { audio } = info;
  if (audio === null)
    throw new AppError({
      code: 'NoSound',
      message: 'This file has no sound. Choose a sound file as the song.',
    });
  const parts = { wavPath: `${request.wavPath}.part`, aacPath: `${request.aacPath}.part` };
  try {
    await runFfmpeg(tools, {
      step: 'Decode the song',
      args: prepareSongArguments({
        sourcePath: request.sourcePath,
        container: info.container,
        channels: audio.channels,
        ...parts,
      }),
      signal: options.signal,
      // Decoding and encoding run some 40 times faster than the music plays.
      timeLimitSeconds: 60 + Math.ceil(audio.duration),
      onProgress: ({ seconds }) => options.onProgress?.(Math.min(1, seconds / audio.duration)),
    });
    const wav = await readWav(parts.wavPath);
    if (wav.samples === 0) {
      throw new AppError({
        code: 'DamagedMedia',
        message: 'No sound can be decoded from this file: it is damaged. Export it again.',
      });
    }
    await rename(parts.wavPath, request.wavPath);
    await rename(parts.aacPath, request.aacPath);
    const { samples, sampleRate, channels } = wav;
    const duration = samples / sampleRate;
    return { wavPath: request.wavPath, aacPath: request.aacPath, samples, sampleRate, channels, duration };
  } finally {
    await rm(parts.wavPath, { force: true });
    await rm(parts.aacPath, { force: true });
  }
}
