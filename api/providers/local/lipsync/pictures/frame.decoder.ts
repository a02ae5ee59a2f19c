import { AppError } from '../../../../shared/errors';
import { startDecoder } from './start.decoder';
import { type YuvFrame, yuvBytes, yuvFrame } from './yuv.frame';

export type VideoSource = {
  path: string;
  width: number;
  height: number;
  frames: number;
  /** Where to begin; at its start when left out. */
  fromSeconds?: number;
};

/** ffmpeg's arguments that decode a normalised clip to raw 4:2:0 pictures on its standard output. */
export function decodeArguments(path: string, fromSeconds = 0): string[] {
  // prettier-ignore
  return [
    '-v',
    'error',
    '-nostdin',
    '-threads',
    '1',
    '-filter_threads',
    '1',
    // Files alone: a list that is named .mp4 must not lead to other places.
    '-protocol_whitelist',
    'file,pipe',
    ...(fromSeconds > 0 ? ['-ss', fromSeconds.toFixed(6)] : []),
    '-i',
    `file:${path}`,
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
 * Hands out the pictures of a clip one after the other, in `buffers` (2 or more) buffers by turns: a
 * picture stays until that many more were asked for. Readers must not change it: a clip that ends
 * early repeats its last picture. One that cannot be decoded is `UnreadableVideo`. Stops ffmpeg when
 * the reader stops.
 */
export async function* decodeFrames(
  ffmpegPath: string,
  source: VideoSource,
  signal: AbortSignal,
  buffers = 2,
): AsyncGenerator<YuvFrame> {
  const { decoder, lastWords } = startDecoder(
    ffmpegPath,
    decodeArguments(source.path, source.fromSeconds),
    signal,
  );
  const ring: YuvFrame[] = [];
  let filled = 0;
  let given = 0;
  try {
    for await (const chunk of decoder.stdout) {
      let used = 0;
      while (used < chunk.length && given < source.frames) {
        const frame = ring[given % buffers] ?? emptyFrame(source);
        ring[given % buffers] = frame;
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
    const last = given > 0 ? ring[(given - 1) % buffers] : undefined;
    if (!last) {
      throw new AppError({
        code: 'UnreadableVideo',
        message:
          'The video could not be decoded. Check that it plays elsewhere, or convert it to MP4 (H.264).',
        details: { ffmpeg: await lastWords() },
      });
    }
    for (; given < source.frames; given++) yield last;
  } finally {
    decoder.kill('SIGKILL');
    await decoder.exited;
  }
}

function emptyFrame({ width, height }: VideoSource): YuvFrame {
  return yuvFrame(width, height, new Uint8Array(yuvBytes(width, height)));
}

/** Asks for the next item while the one before is being worked on. Ends the source when it is ended. */
export async function* readAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = iterator.next();
      // It is awaited in the next turn; if there is none, nobody needs to hear of its failure.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
