import { AppError } from '../../../../shared/errors';
import { startDecoder } from '../pictures/start.decoder';

/** ffmpeg's arguments that decode the first `seconds` of any sound to mono 32-bit floats of the given rate. */
export function soundArguments(path: string, sampleRate: number, seconds: number): string[] {
  // prettier-ignore
  return [
    '-v',
    'error',
    '-nostdin',
    // Files alone: a list that is named .mp4 must not lead to other places.
    '-protocol_whitelist',
    'file,pipe',
    '-i',
    `file:${path}`,
    '-map',
    '0:a:0',
    '-vn',
    '-sn',
    '-dn',
    '-ac',
    '1',
    '-ar',
    String(sampleRate),
    '-t',
    String(seconds),
    '-f',
    'f32le',
    'pipe:1',
  ];
}

/**
 * Decodes a sound file to mono samples of -1..1, in memory once: to hold ten minutes twice would be
 * noticed. What cannot be heard is `UnreadableAudio`.
 * @param options.mostSamples what comes after so many is not listened to
 */
export async function decodeSound(
  ffmpegPath: string,
  path: string,
  options: { sampleRate: number; mostSamples: number; signal: AbortSignal },
): Promise<Float32Array<ArrayBuffer>> {
  const { sampleRate, mostSamples, signal } = options;
  const arguments_ = soundArguments(path, sampleRate, mostSamples / sampleRate);
  const { decoder, lastWords } = startDecoder(ffmpegPath, arguments_, signal);
  const bytes = new Uint8Array(mostSamples * 4);
  let filled = 0;
  for await (const chunk of decoder.stdout) {
    const wanted = chunk.subarray(0, bytes.length - filled);
    bytes.set(wanted, filled);
    filled += wanted.length;
  }
  await decoder.exited;
  signal.throwIfAborted();
  const samples = new Float32Array(bytes.buffer, 0, Math.floor(filled / 4));
  if (samples.length === 0) {
    throw new AppError({
      code: 'UnreadableAudio',
      message: 'The sound is empty or could not be decoded. Choose a file with sound that plays elsewhere.',
      details: { ffmpeg: await lastWords() },
    });
  }
  return samples;
}
