import { type Format, SAMPLE_RATE } from '../contract/format.schema';
import { frameToSample, secondsToFrameCount } from '../shared/frames';
import { safeInput } from './ffmpeg.arguments';
import { originalSize } from './framing.rules';
import type { VideoTrackInfo } from './media.types';
import {
  mezzanineContainerArguments,
  mezzanineFilters,
  mezzanineSoundArguments,
  mezzanineVideoArguments,
} from './mezzanine.arguments';

/** Frames [in, out) on the grid of the normalised, untrimmed clip. */
export type FrameRange = { inFrame: number; outFrame: number };

export type NormaliseJob = {
  sourcePath: string;
  container: string;
  video: VideoTrackInfo;
  hasSound: boolean;
  format: Format;
  /** First frame and number of frames that are wanted. */
  firstFrame: number;
  frames: number;
  /** How many frames the last one may be held to reach `frames`; more missing is damage. */
  heldFrames: number;
  threads: number;
  outputPath: string;
};

/** Length of a clip on the project's frame grid. */
export function clipFrames(video: VideoTrackInfo, format: Format): number {
  return secondsToFrameCount(video.duration, format.fps);
}

/** The part of a clip's frames that a wish for [first, first + frames) leaves, one frame at least. */
export function rangeWithin(wanted: { first: number; frames: number }, whole: number): FrameRange {
  const inFrame = Math.max(0, Math.min(wanted.first, whole - 1));
  return { inFrame, outFrame: Math.max(inFrame + 1, Math.min(wanted.first + wanted.frames, whole)) };
}

/** The format of an original: the project's rate, and its size where the clip has its shape. */
export function originalFormat(video: VideoTrackInfo, format: Format): Format {
  const { width, height } = originalSize({ width: video.displayWidth, height: video.displayHeight }, format);
  return { width, height, fps: format.fps };
}

/**
 * Rounding at a clip's end may lack up to one frame of the slower of the two rates, and one more
 * where a container's last duration is a guess.
 */
export function heldFramesAtEnd(video: VideoTrackInfo, format: Format): number {
  return 1 + Math.max(1, Math.ceil(format.fps / Math.max(1, video.fps)));
}

/**
 * The whole second at which reading starts. A whole second is a whole frame at every rate and
 * exact in every time unit, so the grid is the one of the untrimmed clip; one second is left over
 * because what a frame shows may have begun before it. Only MP4 and MOV have an index that lands
 * where it should; the others are read from their start.
 */
export function seekSeconds(container: string, firstFrame: number, fps: number): number {
  if (container !== 'mp4' && container !== 'mov') return 0;
  return Math.max(0, Math.floor(firstFrame / fps) - 1);
}

/** One ffmpeg run: source → take of exactly `frames` frames, with its own sound when it has any. */
export function normaliseArguments(job: NormaliseJob): string[] {
  const { format } = job;
  const seek = seekSeconds(job.container, job.firstFrame, format.fps);
  // Without accurate seek the frames before the second are kept, with negative times: the frame
  // on screen at the second may be an old one, in clips with uneven times.
  const seekFlags = seek > 0 ? ['-noaccurate_seek', '-ss', String(seek)] : [];
  const first = job.firstFrame - seek * format.fps;
  const filters = [
    `fps=${format.fps}:start_time=0`,
    ...(first > 0 ? [`trim=start_frame=${first}`, 'setpts=PTS-STARTPTS'] : []),
    ...pictureFilters(job.video, format),
    `tpad=stop_mode=clone:stop=${job.heldFrames}`,
    ...mezzanineFilters(),
  ];
  const sound = job.hasSound
    ? ['-map', '0:a:0', '-af', soundFilters(first, job.frames, format.fps), ...mezzanineSoundArguments()]
    : ['-an'];
  return [
    ...['-threads', String(job.threads), '-filter_threads', '1', ...seekFlags, ...safeInput(job.sourcePath)],
    ...['-map', '0:V:0', '-vf', filters.join(','), '-frames:v', String(job.frames)],
    ...mezzanineVideoArguments(format, job.threads),
    ...sound,
    ...mezzanineContainerArguments(),
    job.outputPath,
  ];
}

/**
 * Sound on the same grid: what comes before time 0 is dropped, what is missing becomes silence,
 * and the length is that of the frames, to the sample.
 */
function soundFilters(firstFrame: number, frames: number, fps: number): string {
  const start = frameToSample(firstFrame, fps, SAMPLE_RATE);
  const length = frameToSample(frames, fps, SAMPLE_RATE);
  return [
    `aresample=${SAMPLE_RATE}:async=1:first_pts=0`,
    'apad',
    `atrim=start_sample=${start}:end_sample=${start + length}`,
    'asetpts=PTS-STARTPTS',
  ].join(',');
}

/** Fits the picture into the format without distorting it, black around it, in BT.709. */
export function pictureFilters(video: VideoTrackInfo, format: Format): string[] {
  const { width, height } = fittedSize(video.displayWidth, video.displayHeight, format);
  const isWhole = width === format.width && height === format.height;
  const pad = isWhole ? [] : [`pad=${format.width}:${format.height}:(ow-iw)/2:(oh-ih)/2`];
  if (video.hdr !== null)
    return [...toneMapFilters(video.hdr), `scale=${width}:${height}:flags=bicubic`, ...pad];
  const matrix = sourceMatrix(video);
  const input = matrix === null ? '' : `:in_color_matrix=${matrix}`;
  return [`scale=${width}:${height}:flags=bicubic${input}:out_color_matrix=bt709:out_range=tv`, ...pad];
}

/** The largest even size inside the format with the source's own shape. */
export function fittedSize(
  displayWidth: number,
  displayHeight: number,
  format: Format,
): { width: number; height: number } {
  const scale = Math.min(format.width / displayWidth, format.height / displayHeight);
  const even = (side: number, most: number) =>
    Math.min(most, Math.max(2, 2 * Math.round((side * scale) / 2)));
  return { width: even(displayWidth, format.width), height: even(displayHeight, format.height) };
}

/**
 * Which numbers the source's colours are written in. Standard definition that does not say is
 * BT.601 by custom, larger pictures BT.709. Null: RGB, nothing to name.
 */
export function sourceMatrix(video: VideoTrackInfo): 'bt601' | 'bt709' | 'bt2020' | null {
  const matrix = video.matrix;
  if (matrix === 'bt709') return 'bt709';
  if (matrix?.startsWith('bt2020')) return 'bt2020';
  if (matrix === 'smpte170m' || matrix === 'bt470bg') return 'bt601';
  if (matrix === 'rgb' || matrix === 'gbr') return null;
  return Math.min(video.displayWidth, video.displayHeight) < 720 ? 'bt601' : 'bt709';
}

/** Filters that showing HDR on an ordinary screen needs; not every ffmpeg has them. */
export const toneMapFilterNames = ['zscale', 'tonemap'] as const;

/**
 * HDR to BT.709: to linear light at 100 nits peak for white, tone curve, back. hable keeps detail
 * in highlights; desat=0 keeps their colour.
 */
export function toneMapFilters(transfer: 'pq' | 'hlg'): string[] {
  const name = transfer === 'pq' ? 'smpte2084' : 'arib-std-b67';
  return [
    `zscale=tin=${name}:pin=bt2020:min=bt2020nc:t=linear:npl=100`,
    'format=gbrpf32le',
    'zscale=p=bt709',
    'tonemap=tonemap=hable:desat=0',
    'zscale=t=bt709:m=bt709:r=tv',
    'format=yuv420p',
  ];
}
