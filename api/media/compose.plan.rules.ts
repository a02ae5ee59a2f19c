import type { ComposeEnding } from '../contract/compose.schema';

/** Lengths of the fades of picture and sound, in frames; 0: none. */
export type Fades = { inFrames: number; outFrames: number };

export type PlannedTake = {
  frames: number;
  /** Indexes of the frames that can be decoded alone, rising, the first one 0. */
  keyFrames: number[];
};

/**
 * A stretch of the video: frames [from, to) of the take at `index`, copied or encoded anew; `hold`: how often
 * the last of them is shown again behind it. `start`: its first frame in the video.
 */
export type ComposePiece = {
  kind: 'copy' | 'encode';
  index: number;
  from: number;
  to: number;
  hold: number;
  start: number;
};

export type ComposePlan = { pieces: ComposePiece[]; frames: number; fades: Fades };

/**
 * Pure: which frames of the takes are copied and which are encoded anew, because a fade touches them or the
 * last one is held until the song ends. Copied frames that follow encoded ones begin with a key frame.
 * `songFrames`: the song's length in frames.
 */
export function composePlan(
  takes: PlannedTake[],
  options: { songFrames: number; ending: ComposeEnding; fades: Fades },
): ComposePlan {
  const all = takes.reduce((sum, take) => sum + take.frames, 0);
  const wanted = {
    'as-is': all,
    'cut-to-song': Math.min(all, options.songFrames),
    fill: Math.max(all, options.songFrames),
  };
  const frames = Math.max(1, wanted[options.ending]);
  const outFrames = Math.min(options.fades.outFrames, frames);
  const inFrames = Math.min(options.fades.inFrames, frames - outFrames);
  const pieces: ComposePiece[] = [];
  let start = 0;
  for (const [index, take] of takes.entries()) {
    const shown = Math.min(take.frames, frames - start);
    if (shown <= 0) break;
    const hold = index === takes.length - 1 ? frames - start - shown : 0;
    const bright = Math.max(0, inFrames - start);
    const dark = frames - outFrames - start;
    // Up to here the fade-in reaches, and on to the next key frame; from there on the fade-out or the held frame.
    const head = bright === 0 ? 0 : (take.keyFrames.find((frame) => frame >= bright) ?? shown);
    const tail = Math.max(0, Math.min(dark, hold > 0 ? shown - 1 : shown));
    const cuts = head < tail ? [head, tail] : [0, 0];
    const [first = 0, last = 0] = cuts;
    const isWhole = first === 0 && last === shown;
    if (isWhole) pieces.push({ kind: 'copy', index, from: 0, to: shown, hold: 0, start });
    else {
      if (first > 0) pieces.push({ kind: 'encode', index, from: 0, to: first, hold: 0, start });
      if (last > first)
        pieces.push({ kind: 'copy', index, from: first, to: last, hold: 0, start: start + first });
      if (last < shown || hold > 0) {
        pieces.push({ kind: 'encode', index, from: last, to: shown, hold, start: start + last });
      }
    }
    start += shown;
  }
  return { pieces, frames, fades: { inFrames, outFrames } };
}
