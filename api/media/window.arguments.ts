import { type Format, SAMPLE_RATE } from '../contract/format.schema';
import type { ClipWindow } from '../contract/window.schema';
import { frameToSample } from '../shared/frames';
import { safeInput } from './ffmpeg.arguments';
import { framingFilters } from './framing.filters';
import type { VideoTrackInfo } from './media.types';
import {
  mezzanineContainerArguments,
  mezzanineFilters,
  mezzanineSoundArguments,
  mezzanineTimescale,
  mezzanineVideoArguments,
} from './mezzanine.arguments';
import { heldFramesAtEnd, seekSeconds } from './normalise.arguments';

export type WindowRender = {
  sourcePath: string;
  container: string;
  video: VideoTrackInfo;
  hasSound: boolean;
  format: Format;
  window: ClipWindow;
  /** Frames to make, and how many of them the clip reaches. */
  frames: number;
  reached: number;
  threads: number;
  outputPath: string;
};

/** One ffmpeg run: source → take of the window, its last frame held where the clip ends before the slot. */
export function windowArguments(render: WindowRender): string[] {
  const filters = [pictureFilters(render), holdFilter(render), ...mezzanineFilters(), endFilter(render)];
  return [
    ...['-threads', String(render.threads), '-filter_threads', '1', ...sourceInput(render)],
    ...['-map', '0:V:0', '-vf', filters.join(','), ...mezzanineVideoArguments(render.format, render.threads)],
    ...soundArguments(render, 0),
    ...[...mezzanineContainerArguments(), render.outputPath],
  ];
}

/**
 * First run of a clip that goes back and forth: the frames that the clip reaches, each one a key frame, so
 * that a second run can read them in any order. Near lossless (crf 6), as they are encoded again.
 */
export function forwardArguments(render: WindowRender): string[] {
  const reached = { ...render, frames: render.reached };
  const filters = [pictureFilters(render), holdFilter(reached), ...mezzanineFilters()].join(',');
  return [
    ...['-threads', String(render.threads), '-filter_threads', '1', ...sourceInput(render)],
    ...['-map', '0:V:0', '-vf', filters, '-frames:v', String(render.reached)],
    ...['-fps_mode', 'cfr', '-r', String(render.format.fps)],
    ...[
      '-c:v',
      'libx264',
      '-threads',
      String(render.threads),
      '-preset',
      'ultrafast',
      '-crf',
      '6',
      '-g',
      '1',
    ],
    ...['-bf', '0', '-video_track_timescale', String(mezzanineTimescale(render.format)), '-an'],
    ...[...mezzanineContainerArguments(), render.outputPath],
  ];
}

/** Second run: the frames in their order back and forth (a file of their own), with the source's sound. */
export function backAndForthArguments(render: WindowRender, orderedPath: string): string[] {
  return [
    ...['-threads', String(render.threads), '-filter_threads', '1', ...safeInput(orderedPath)],
    ...(render.hasSound ? sourceInput(render) : []),
    ...['-map', '0:V:0', '-vf', [...mezzanineFilters(), endFilter(render)].join(',')],
    ...mezzanineVideoArguments(render.format, render.threads),
    ...soundArguments(render, 1),
    ...[...mezzanineContainerArguments(), render.outputPath],
  ];
}

const seekOf = ({ container, window, format }: WindowRender) =>
  seekSeconds(container, window.inFrame, format.fps);

function sourceInput(render: WindowRender): string[] {
  const seek = seekOf(render);
  // As normaliseArguments: what is on screen at the second may be an old frame.
  return [...(seek > 0 ? ['-noaccurate_seek', '-ss', String(seek)] : []), ...safeInput(render.sourcePath)];
}

/**
 * How many times finer than the project's the source's grid is read: a clip that was filmed at a higher rate
 * is slowed with its own frames.
 */
export function gridFactor(video: VideoTrackInfo, format: Format, speed: number): number {
  if (speed >= 1) return 1;
  return Math.max(1, Math.min(Math.ceil(1 / speed), Math.round(video.fps / format.fps)));
}

/** From the source's frames to framed frames of the project's rate, beginning with the window's first. */
function pictureFilters(render: WindowRender): string {
  const { video, format, window } = render;
  const factor = gridFactor(video, format, window.speed);
  const rate = format.fps * factor;
  const first = (window.inFrame - seekOf(render) * format.fps) * factor;
  const grid = [
    `fps=${rate}:start_time=0`,
    // The last frames of the grid may be the rounding of the clip's length: there must be one to begin with.
    `tpad=stop_mode=clone:stop=${heldFramesAtEnd(video, format) * factor}`,
    ...(first > 0 ? [`trim=start_frame=${first}`, 'setpts=PTS-STARTPTS'] : []),
  ].join(',');
  const framing = (at: number) => framingFilters(video, format, window.framing, at);
  const timed = speedFilters(window, format, factor);
  if (timed === null) return `${grid},${framing(rate)}`;
  // Frames are framed where there are fewer of them.
  return window.speed < 1 ? `${grid},${framing(rate)},${timed}` : `${grid},${timed},${framing(format.fps)}`;
}

/**
 * Slot frame k shows grid frame floor(k × speed × factor); blended, a mix of it and the next one. Null when
 * nothing changes.
 */
function speedFilters(window: ClipWindow, format: Format, factor: number): string | null {
  const step = window.speed * factor;
  if (step === 1 && factor === 1) return null;
  if (window.blend && step < 1) {
    // Times fine enough for any speed; framerate mixes by them and leaves cuts in the clip alone.
    const finer = `settb=1/${format.fps * factor * 1000},setpts=PTS/${window.speed}`;
    return `${finer},framerate=fps=${format.fps}:interp_start=0:interp_end=255`;
  }
  // A frame comes up at the first slot frame that is not before it; of several the last one is shown.
  return `setpts=ceil(PTS/${step}-0.000001)*${factor},fps=${format.fps}:start_time=0`;
}

/** Holds the last frame: where the clip ends before the slot, and where rounding lacks some at its end. */
function holdFilter({ video, format, window, frames, reached }: WindowRender): string {
  const rounding = Math.ceil(heldFramesAtEnd(video, format) / Math.min(1, window.speed));
  return `tpad=stop_mode=clone:stop=${frames - reached + rounding}`;
}

/** Not `-frames:v`: that ends the sound with the last frame, and silence may still have to come. */
const endFilter = (render: WindowRender) => `trim=end_frame=${render.frames}`;

/** The clip's own sound at the window's speed, its pitch kept; silence where the clip has ended. */
function soundArguments(render: WindowRender, input: number): string[] {
  if (!render.hasSound) return ['-an'];
  const { format, window } = render;
  const samples = (frames: number) => frameToSample(frames, format.fps, SAMPLE_RATE);
  const start = samples(window.inFrame - seekOf(render) * format.fps);
  const reached = Math.min(render.frames, render.reached);
  const filters = [
    `aresample=${SAMPLE_RATE}:async=1:first_pts=0`,
    `atrim=start_sample=${start}:end_sample=${start + Math.ceil(samples(reached) * window.speed)}`,
    'asetpts=PTS-STARTPTS',
    ...tempoFilters(window.speed),
    'apad',
    `atrim=end_sample=${samples(render.frames)}`,
  ];
  return ['-map', `${input}:a:0`, '-af', filters.join(','), ...mezzanineSoundArguments()];
}

/** atempo is good from half to twice the speed; beyond that two of them. */
function tempoFilters(speed: number): string[] {
  if (speed === 1) return [];
  if (speed >= 0.5 && speed <= 2) return [`atempo=${speed}`];
  const half = Math.sqrt(speed).toFixed(9);
  return [`atempo=${half}`, `atempo=${half}`];
}
