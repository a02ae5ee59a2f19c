import { PEAKS_PER_SECOND, type Rhythm, rhythmOf } from './song-rhythm.rules';

/** A stretch of frames, end exclusive; `energy` is its loudness, 1 the loudest of the song. */
export type Stretch = { startFrame: number; endFrame: number; energy: number };
export type Proposal = { bpm: number | null; sections: Stretch[]; scenes: Stretch[] };

/** Without a wish: scenes of about this many seconds, as music videos are cut between lyrics. */
const SCENE_SECONDS = 6;
/** More scenes than anyone wants to fill without having asked for them. */
const MOST_UNASKED = 60;
/** Nothing shorter is a scene. */
export const SHORTEST_SCENE_SECONDS = 0.5;
/** A planned length is at most 10 minutes. */
const LONGEST_SCENE_SECONDS = 600;
/** Without a beat, cuts may stand at every quarter of a second. */
const GRID_SECONDS = 0.25;
/** Energy is compared over this long before and after a place. */
const SECTION_WINDOW_SECONDS = 5;
/** A change of this share of the song's range makes a section. */
const SECTION_CHANGE = 0.12;

/** A place where a scene may begin: `worth` 0..1 says how well. */
type Place = { seconds: number; worth: number };

/**
 * Proposes scenes for a song from its loudness: cuts on bars, or on beats when there are more scenes than
 * bars, drawn towards where the song changes, and of even length. `scenes`: how many; null: as suits the
 * song. Scenes follow each other without a gap from frame 0 to `frames`.
 */
export function proposeScenes(
  peaks: ArrayLike<number>,
  song: { frames: number; fps: number },
  scenes: number | null,
): Proposal {
  const { frames, fps } = song;
  const seconds = frames / fps;
  const rhythm = rhythmOf(peaks);
  const energy = energyOf(peaks);
  const places = placesOf(rhythm, energy, seconds);
  const wanted = Math.max(scenes ?? usualCount(rhythm, seconds), Math.ceil(seconds / LONGEST_SCENE_SECONDS));
  const toFrames = (cuts: number[]) => {
    const inner = cuts.map((cut) => Math.round(cut * fps)).filter((cut) => cut > 0 && cut < frames);
    const starts = [...new Set([0, ...inner])];
    return starts.map((startFrame, index) => {
      const endFrame = starts[index + 1] ?? frames;
      return { startFrame, endFrame, energy: energy.of(startFrame / fps, endFrame / fps) };
    });
  };
  return {
    bpm: rhythm.bpm === null ? null : Math.round(rhythm.bpm * 10) / 10,
    sections: toFrames(sectionStarts(places)),
    scenes: toFrames(chooseCuts(places, seconds, wanted)),
  };
}

function usualCount(rhythm: Rhythm, seconds: number): number {
  const bar = rhythm.bpm === null ? null : 240 / rhythm.bpm;
  // One, two or four whole bars, whichever is nearest.
  const length =
    bar === null
      ? SCENE_SECONDS
      : [bar, 2 * bar, 4 * bar].reduce((best, next) =>
          Math.abs(Math.log(next / SCENE_SECONDS)) < Math.abs(Math.log(best / SCENE_SECONDS)) ? next : best,
        );
  return Math.min(Math.max(1, Math.round(seconds / length)), MOST_UNASKED);
}

type Energy = {
  /** Mean loudness of a stretch of seconds, 0..1 of the loudest. */
  of(start: number, end: number): number;
  /** How much the song changes at a place, 0..1. */
  change(seconds: number): number;
};

function energyOf(peaks: ArrayLike<number>): Energy {
  const sums = new Float64Array(peaks.length + 1);
  for (let at = 0; at < peaks.length; at++) sums[at + 1] = (sums[at] ?? 0) + (peaks[at] ?? 0);
  const clamp = (at: number) => Math.min(Math.max(Math.round(at * PEAKS_PER_SECOND), 0), peaks.length);
  const mean = (start: number, end: number) => {
    const [from, to] = [clamp(start), clamp(end)];
    return to <= from ? 0 : ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
  };
  const seconds = peaks.length / PEAKS_PER_SECOND;
  let loudest = 1;
  for (let at = 0; at < seconds; at += 1) loudest = Math.max(loudest, mean(at, at + 4));
  return {
    of: (start, end) => Math.min(1, Math.round((100 * mean(start, end)) / loudest) / 100),
    change(at) {
      const reach = Math.min(SECTION_WINDOW_SECONDS, at, seconds - at);
      // Too near to the song's ends to be told from its fading in and out.
      if (reach < SECTION_WINDOW_SECONDS * 0.8) return 0;
      return Math.min(1, Math.abs(mean(at - reach, at) - mean(at, at + reach)) / loudest);
    },
  };
}

/** Worth of being a bar, against a beat within it; a change of the song adds up to as much again twice. */
const BAR_WORTH = 0.3;

function placesOf(rhythm: Rhythm, energy: Energy, seconds: number): Place[] {
  const inside = (at: number) => at >= SHORTEST_SCENE_SECONDS && at <= seconds - SHORTEST_SCENE_SECONDS;
  if (rhythm.bpm !== null) {
    return rhythm.beats
      .map((at, index) => {
        const isBar = rhythm.isBar[index] === true;
        return { seconds: at, worth: isBar ? BAR_WORTH + 0.7 * energy.change(at) : 0 };
      })
      .filter((place) => inside(place.seconds));
  }
  const count = Math.floor(seconds / GRID_SECONDS);
  return Array.from({ length: count }, (_, index) => index * GRID_SECONDS)
    .filter(inside)
    .map((at) => ({ seconds: at, worth: 0.7 * energy.change(at) }));
}

/** Where the song changes: the strongest places, none within a window of a stronger one. */
function sectionStarts(places: Place[]): number[] {
  const changes = places
    .filter(({ worth }) => worth % 1 > 0)
    .map((place) => ({
      ...place,
      change: (place.worth >= BAR_WORTH ? place.worth - BAR_WORTH : place.worth) / 0.7,
    }))
    .filter(({ change }) => change >= SECTION_CHANGE)
    .sort((a, b) => b.change - a.change);
  const starts: number[] = [];
  for (const { seconds } of changes) {
    if (starts.every((start) => Math.abs(start - seconds) >= SECTION_WINDOW_SECONDS)) starts.push(seconds);
  }
  return starts.sort((a, b) => a - b);
}

/** What a place's worth weighs against scenes of even length. */
const WORTH_WEIGHT = 0.9;

/**
 * The cheapest way to cut into so many scenes: each pays the square of how far it is from the even length,
 * less the worth of where it begins (dynamic programming over the places). Fewer when there are not
 * enough places.
 */
export function chooseCuts(places: Place[], seconds: number, scenes: number): number[] {
  const wanted = Math.min(scenes, places.length + 1);
  if (wanted <= 1) return [];
  const even = seconds / wanted;
  const price = (length: number) => (length / even - 1) ** 2;
  const nodes = [{ seconds: 0, worth: 0 }, ...places, { seconds, worth: 0 }];
  const last = nodes.length - 1;
  let costs = new Float64Array(nodes.length).fill(Number.POSITIVE_INFINITY);
  costs[0] = 0;
  const from: Int32Array[] = [];
  for (let scene = 1; scene <= wanted; scene++) {
    const next = new Float64Array(nodes.length).fill(Number.POSITIVE_INFINITY);
    const origin = new Int32Array(nodes.length).fill(-1);
    for (let end = scene; end <= last; end++) {
      const node = nodes[end];
      if (node === undefined || (end === last) !== (scene === wanted)) continue;
      for (let start = end - 1; start >= 0; start--) {
        const length = node.seconds - (nodes[start]?.seconds ?? 0);
        // No scene is worth four even ones, unless there is no other way.
        if (length > 4 * even && next[end] !== Number.POSITIVE_INFINITY) break;
        const cost = (costs[start] ?? 0) + price(length) - WORTH_WEIGHT * node.worth;
        if (cost < (next[end] ?? 0)) {
          next[end] = cost;
          origin[end] = start;
        }
      }
    }
    costs = next;
    from.push(origin);
  }
  const cuts: number[] = [];
  let at = last;
  for (let scene = wanted - 1; scene > 0; scene--) {
    at = from[scene]?.[at] ?? 0;
    cuts.unshift(nodes[at]?.seconds ?? 0);
  }
  return cuts;
}
