import type { Format } from './format.schema';
import { frameRates } from './format.schema';

/** A clip as it was filmed: upright size in pixels and frames per second. */
export type ClipFormat = { width: number; height: number; fps: number };

/** The longest side that is proposed: what the lip-sync and every player are quick with. */
const LONGEST_SIDE = 1920;
const SHORTEST_SIDE = 128;
/** 29.97 is 30 to people: a frame in a thousand is neither seen nor heard. */
const SAME_RATE = 0.005;
/** A few columns of black are no other shape. */
const SAME_SHAPE = 0.02;

const isSameRate = (a: number, b: number) => Math.abs(a - b) <= b * SAME_RATE;

/** The rate of a project that loses the fewest frames of a clip: 60 → 30, 50 → 25, 23.976 → 24. */
function rateFor(fps: number): Format['fps'] {
  const multiple = [...frameRates].reverse().find((rate) => {
    const times = Math.round(fps / rate);
    return times >= 1 && isSameRate(fps / times, rate);
  });
  if (multiple !== undefined) return multiple;
  return frameRates.reduce((best, rate) => (Math.abs(rate - fps) < Math.abs(best - fps) ? rate : best));
}

const even = (pixels: number) => Math.max(SHORTEST_SIDE, 2 * Math.round(pixels / 2));

/**
 * The format of a project that a clip fits into as it is, bounded in size. A small clip is no reason for a
 * small video: the shorter side stays at least that of the project.
 */
export function formatFor(clip: ClipFormat, project: Pick<Format, 'width' | 'height'>): Format {
  const larger = Math.min(project.width, project.height) / Math.min(clip.width, clip.height);
  const scale = Math.min(Math.max(1, larger), LONGEST_SIDE / Math.max(clip.width, clip.height));
  return { width: even(clip.width * scale), height: even(clip.height * scale), fps: rateFor(clip.fps) };
}

/**
 * What a project's rate does to a clip: frames per second of the clip that are dropped, or of the project
 * that are shown twice; null: nothing. `oneIn`: one of so many frames of the clip (dropped) or of the
 * project (repeated), when that is a whole number.
 */
export type RateEffect = { kind: 'dropped' | 'repeated'; perSecond: number; oneIn: number | null };

export function rateEffect(clipFps: number, projectFps: number): RateEffect | null {
  if (isSameRate(clipFps, projectFps)) return null;
  const most = Math.max(clipFps, projectFps);
  const perSecond = Math.abs(clipFps - projectFps);
  const oneIn = most / perSecond;
  return {
    kind: clipFps > projectFps ? 'dropped' : 'repeated',
    perSecond,
    oneIn: Math.abs(oneIn - Math.round(oneIn)) < 0.05 && oneIn > 1.5 ? Math.round(oneIn) : null,
  };
}

export type FormatAdvice = {
  clip: ClipFormat;
  /** What the project could be instead. */
  format: Format;
  rate: RateEffect | null;
  isOtherShape: boolean;
};

/** What to say of a clip that a project's format doesn't suit; null: it suits. */
export function formatAdvice(clip: ClipFormat, project: Format): FormatAdvice | null {
  const rate = rateEffect(clip.fps, project.fps);
  const [shape, wanted] = [clip.width / clip.height, project.width / project.height];
  const isOtherShape = Math.abs(shape - wanted) > wanted * SAME_SHAPE;
  return rate === null && !isOtherShape
    ? null
    : { clip, format: formatFor(clip, project), rate, isOtherShape };
}
