import { AppError } from '../../../../shared/errors';
import { type YuvFrame, yuvBytes, yuvFrame } from '../pixels/yuv.frame';

export type VideoSource = { path: string; width: number; height: number; frames: number };

/** ffmpeg's arguments that decode a normalised clip to raw 4:2:0 pictures on its standard output. */
export function decodeArguments(path: string): string[] {
  // prettier-ignore
  return [
    '-v',
    'error',
    '-nostdin',
    '-threads',
    '1',
    '-filter_threads',
    '1',
    '-i',
    path,
    '-map',
    '0:v:0',
    '-an',
    '-sn',
    '-dn',
    '-fps_mode',
    'passthrough',
    '-pix_fmt',
    'yuv420p',
    '-f',
    'rawvideo',
    'pipe:1',
  ];
}

/**
 * Hands out the pictures of a clip one after the other. The buffer is the same every time: a
 * picture is valid until the next one is asked for. Stops ffmpeg when the reader stops.
 * A clip that ends early repeats its last picture; one that cannot be decoded is `UnreadableVideo`.
 */
export async function* decodeFrames(
  ffmpegPath: string,
  source: VideoSource,
  signal: AbortSignal,
): AsyncGenerator<YuvFrame> {
  signal.throwIfAborted();
  const decoder = Bun.spawn([ffmpegPath, ...decodeArguments(source.path)], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    signal,
    killSignal: 'SIGKILL',
  });
  const complaint = new Response(decoder.stderr).text();
  const frame = yuvFrame(source.width, source.height, new Uint8Array(yuvBytes(source.width, source.height)));
  let filled = 0;
  let given = 0;
  try {
    for await (const chunk of decoder.stdout) {
      let used = 0;
      while (used < chunk.length && given < source.frames) {
        const take = Math.min(chunk.length - used, frame.data.length - filled);
        frame.data.set(chunk.subarray(used, used + take), filled);
        used += take;
        filled += take;
        if (filled < frame.data.length) break;
        filled = 0;
        given++;
        yield frame;
      }
      if (given === source.frames) break;
    }
    signal.throwIfAborted();
    if (given === 0) {
      throw new AppError({
        code: 'UnreadableVideo',
        status: 422,
        message:
          'The video could not be decoded. Check that it plays elsewhere, or convert it to MP4 (H.264).',
        details: { ffmpeg: (await complaint).trim().slice(-500) },
      });
    }
    for (; given < source.frames; given++) yield frame;
  } finally {
    decoder.kill('SIGKILL');
    await decoder.exited;
  }
}
