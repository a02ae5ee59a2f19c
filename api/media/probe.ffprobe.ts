import * as v from 'valibot';
import { safeInput } from './ffmpeg.arguments';
import { runFfprobe } from './ffmpeg.runner';
import { isKnownFrameRate, parseFraction, snapFrameRate } from './frame-rates';
import type { AudioTrackInfo, MediaInfo, MediaTools, VideoTrackInfo } from './media.types';

/** ffprobe reads headers and a few packets; a file that takes longer than this is a trap. */
const timeLimitSeconds = 30;

const SideDataSchema = v.object({ rotation: v.optional(v.number()) });
const StreamSchema = v.object({
  codec_type: v.optional(v.string()),
  codec_name: v.optional(v.string(), 'unknown'),
  width: v.optional(v.number(), 0),
  height: v.optional(v.number(), 0),
  sample_aspect_ratio: v.optional(v.string()),
  r_frame_rate: v.optional(v.string()),
  avg_frame_rate: v.optional(v.string()),
  nb_read_packets: v.optional(v.string()),
  start_time: v.optional(v.string()),
  duration: v.optional(v.string()),
  sample_rate: v.optional(v.string()),
  channels: v.optional(v.number(), 0),
  color_space: v.optional(v.string()),
  color_transfer: v.optional(v.string()),
  color_primaries: v.optional(v.string()),
  color_range: v.optional(v.string()),
  disposition: v.optional(v.object({ attached_pic: v.optional(v.number(), 0) })),
  side_data_list: v.optional(v.array(SideDataSchema), []),
});
const ReportSchema = v.object({
  streams: v.optional(v.array(StreamSchema), []),
  format: v.object({
    format_name: v.string(),
    start_time: v.optional(v.string()),
    duration: v.optional(v.string()),
  }),
});
type Stream = v.InferOutput<typeof StreamSchema>;
type Report = v.InferOutput<typeof ReportSchema>;

/** Arguments of the one ffprobe run: every stream, with its packets counted. */
export function ffprobeArguments(path: string): string[] {
  return ['-of', 'json', '-count_packets', '-show_streams', '-show_format', ...safeInput(path)];
}

/** Asks ffprobe about a file (about 110 ms). Throws AppError MediaStepFailed when it cannot read it. */
export async function probeWithFfprobe(
  tools: MediaTools,
  path: string,
  bytes: number,
  signal?: AbortSignal,
): Promise<Omit<MediaInfo, 'kind' | 'image'>> {
  const text = await runFfprobe(tools, {
    step: 'Look at the file',
    args: ffprobeArguments(path),
    timeLimitSeconds,
    ...(signal === undefined ? {} : { signal }),
  });
  return readFfprobeReport(JSON.parse(text), bytes);
}

/** ffprobe's JSON as MediaInfo. Cover pictures of songs are no video. */
export function readFfprobeReport(json: unknown, bytes: number): Omit<MediaInfo, 'kind' | 'image'> {
  const report = v.parse(ReportSchema, json);
  const videoStream = report.streams.find(
    (stream) => stream.codec_type === 'video' && stream.disposition?.attached_pic !== 1,
  );
  const audioStream = report.streams.find((stream) => stream.codec_type === 'audio');
  const video = videoStream ? videoOf(videoStream, report) : null;
  const audio = audioStream ? audioOf(audioStream, report) : null;
  return {
    container: report.format.format_name.split(',')[0] ?? 'unknown',
    mimeType: `${video ? 'video' : 'audio'}/${report.format.format_name.split(',')[0]}`,
    bytes,
    duration: Math.max(video?.duration ?? 0, audio?.duration ?? 0),
    video,
    audio,
    probedBy: 'ffprobe',
  };
}

function videoOf(stream: Stream, report: Report): VideoTrackInfo {
  const pixelAspect = parseFraction(stream.sample_aspect_ratio) ?? 1;
  // ffprobe turns counter-clockwise, players and mediabunny clockwise.
  const turned = stream.side_data_list.find((data) => data.rotation !== undefined)?.rotation ?? 0;
  const rotation = clockwise(-turned);
  const shown = { width: Math.round(stream.width * pixelAspect), height: stream.height };
  const sideways = rotation === 90 || rotation === 270;
  const nominal = parseFraction(stream.r_frame_rate);
  const average = parseFraction(stream.avg_frame_rate);
  const transfer = { smpte2084: 'pq', 'arib-std-b67': 'hlg' }[stream.color_transfer ?? ''];
  const start = Math.max(0, seconds(stream.start_time) - seconds(report.format.start_time));
  return {
    codec: stream.codec_name === 'h264' ? 'avc' : stream.codec_name,
    displayWidth: sideways ? shown.height : shown.width,
    displayHeight: sideways ? shown.width : shown.height,
    rotation,
    ...rateOf(nominal, average),
    frames: Number(stream.nb_read_packets ?? 0),
    start,
    duration: start + (seconds(stream.duration) || seconds(report.format.duration)),
    matrix: known(stream.color_space),
    primaries: known(stream.color_primaries),
    transfer: known(stream.color_transfer),
    fullRange: stream.color_range === undefined ? null : stream.color_range === 'pc',
    hdr: transfer === 'pq' || transfer === 'hlg' ? transfer : null,
  };
}

/**
 * `nominal` (r_frame_rate) is the finest grid of all timestamps. A known rate of which most frames are there
 * is the clip's own, with frames left out, as mediabunny sees it too; any other grid that is far from the
 * average means uneven steps.
 */
function rateOf(
  nominal: number | null,
  average: number | null,
): Pick<VideoTrackInfo, 'fps' | 'variableFrameRate'> {
  if (nominal === null || average === null) {
    return { fps: snapFrameRate(average ?? nominal ?? 0), variableFrameRate: false };
  }
  const hasGaps = isKnownFrameRate(nominal) && average < nominal && average > nominal / 2;
  return {
    fps: snapFrameRate(hasGaps ? nominal : average),
    variableFrameRate: !hasGaps && Math.abs(nominal / average - 1) > 0.01,
  };
}

function audioOf(stream: Stream, report: Report): AudioTrackInfo {
  return {
    codec: stream.codec_name,
    sampleRate: Number(stream.sample_rate ?? 0),
    channels: stream.channels,
    duration: seconds(stream.duration) || seconds(report.format.duration),
  };
}

function clockwise(degrees: number): 0 | 90 | 180 | 270 {
  const quarter = ((Math.round(degrees / 90) % 4) + 4) % 4;
  return quarter === 1 ? 90 : quarter === 2 ? 180 : quarter === 3 ? 270 : 0;
}

function seconds(text: string | undefined): number {
  const value = Number(text ?? 0);
  return Number.isFinite(value) ? value : 0;
}

function known(value: string | undefined): string | null {
  return value === undefined || value === 'unknown' ? null : value;
}
