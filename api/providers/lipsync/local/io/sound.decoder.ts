import { AppError } from '../../../../shared/errors';
import { defaultMemoryBytes, limitedCommand } from '../../../../shared/limited-command';

/** ffmpeg's arguments that decode any sound to mono 32-bit floats of the given rate. */
export function soundArguments(path: string, sampleRate: number): string[] {
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
    '-f',
    'f32le',
    'pipe:1',
  ];
}

/** Decodes a sound file to mono samples of -1..1. What cannot be heard is `UnreadableAudio`. */
export async function decodeSound(
  ffmpegPath: string,
  path: string,
  sampleRate: number,
  signal: AbortSignal,
): Promise<Float32Array<ArrayBuffer>> {
  signal.throwIfAborted();
  const decoder = Bun.spawn(
    limitedCommand([ffmpegPath, ...soundArguments(path, sampleRate)], { memoryBytes: defaultMemoryBytes }),
    {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      signal,
      killSignal: 'SIGKILL',
    },
  );
  const complaint = new Response(decoder.stderr).text();
  const bytes = await new Response(decoder.stdout).arrayBuffer();
  await decoder.exited;
  signal.throwIfAborted();
  const samples = new Float32Array(bytes, 0, Math.floor(bytes.byteLength / 4));
  if (samples.length === 0) {
    throw new AppError({
      code: 'UnreadableAudio',
      status: 422,
      message: 'The sound is empty or could not be decoded. Choose a file with sound that plays elsewhere.',
      details: { ffmpeg: (await complaint).trim().slice(-500) },
    });
  }
  return samples;
}
