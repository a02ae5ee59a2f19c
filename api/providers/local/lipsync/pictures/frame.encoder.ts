import { AppError } from '../../../../shared/errors';
import type { YuvFrame } from './yuv.frame';

export type EncodeFormat = { width: number; height: number; fps: number };

export type EncodeRequest = EncodeFormat & {
  frames: number;
  /** Null: a clip without sound. */
  audioPath: string | null;
  outputPath: string;
  /** The video encoder's options: those of a normalised take, given by the caller. */
  videoArguments: readonly string[];
};

const AUDIO_RATE = 48_000;

/** Written into the sequence header of every take, so that all takes can be joined as they are. */
const TAKE_FILTERS =
  'setsar=1,format=yuv420p,setparams=field_mode=prog:range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709';

/**
 * ffmpeg's arguments that encode raw pictures from its standard input together with the sound.
 * The sound is cut or padded with silence to exactly the frames.
 */
export function encodeArguments(request: EncodeRequest): string[] {
  const { audioPath, width, height, fps } = request;
  return [
    ...['-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`],
    ...['-framerate', String(fps), '-i', 'pipe:0'],
    ...(audioPath === null ? [] : ['-i', audioPath]),
    ...['-vf', TAKE_FILTERS, '-map', '0:v:0'],
    ...(audioPath === null ? ['-an'] : soundArguments(request)),
    ...['-map_metadata', '-1', '-map_chapters', '-1'],
    ...request.videoArguments,
    ...['-fflags', '+bitexact', '-f', 'mp4', request.outputPath],
  ];
}

function soundArguments({ frames, fps }: EncodeRequest): string[] {
  const samples = Math.round((frames * AUDIO_RATE) / fps);
  return [
    ...['-map', '1:a:0'],
    ...['-af', `aresample=${AUDIO_RATE},apad=whole_len=${samples},atrim=end_sample=${samples}`],
    ...['-c:a', 'aac', '-b:a', '192k', '-ar', String(AUDIO_RATE), '-ac', '2'],
  ];
}

/** Takes pictures one by one; `finish` waits until the file is whole. */
export type FrameEncoder = {
  write(frame: YuvFrame): Promise<void>;
  finish(): Promise<void>;
  /** Ends ffmpeg at once; the caller removes what it wrote. Harmless after `finish`. */
  abandon(): Promise<void>;
};

export function startEncoder(ffmpegPath: string, request: EncodeRequest): FrameEncoder {
  const encoder = Bun.spawn([ffmpegPath, ...encodeArguments(request)], {
    stdin: 'pipe',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  const complaint = new Response(encoder.stderr).text();
  const failed = async (): Promise<AppError> =>
    new AppError({
      code: 'EncodingFailed',
      message: 'The video could not be written. Check the free disk space and try again.',
      details: { ffmpeg: (await complaint).trim().slice(-500) },
    });
  return {
    async write(frame) {
      if (encoder.exitCode !== null) throw await failed();
      try {
        encoder.stdin.write(frame.data);
        // Without waiting here pictures would pile up in memory faster than they are encoded.
        await encoder.stdin.flush();
      } catch (cause) {
        await encoder.exited;
        throw Object.assign(await failed(), { cause });
      }
    },
    async finish() {
      await encoder.stdin.end();
      if ((await encoder.exited) !== 0) throw await failed();
    },
    async abandon() {
      encoder.kill('SIGKILL');
      await encoder.exited;
    },
  };
}
