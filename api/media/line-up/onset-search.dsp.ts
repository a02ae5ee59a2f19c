import FFT from 'fft.js';
import { MOST_DRIFT } from './line-up.types';
import { ONSETS_PER_SECOND, type Onsets } from './onsets.dsp';

/**
 * A clip is looked for piece by piece: in 4 s the largest drift adds up to 20 ms, two steps, which blurs
 * nothing.
 */
export const PIECE_STEPS = 4 * ONSETS_PER_SECOND;
/** Of a long clip so many pieces are looked for, spread evenly; more find nothing else. */
const MOST_PIECES = 24;
/** Candidates this near to each other are one. */
const APART_STEPS = 0.25 * ONSETS_PER_SECOND;

/** A song's onsets, ready to be searched: two bands a transform, the second as imaginary part. */
export type SearchableOnsets = {
  onsets: Onsets;
  size: number;
  transforms: Float32Array[];
  /** Sum of squares of the onsets before each step. */
  energyBefore: Float64Array;
};

/** A place of a clip in a song; `step` is where in the song the clip begins, in steps of onsets. */
export type OnsetCandidate = { step: number; rate: number; score: number };

export function prepareSearch(onsets: Onsets): SearchableOnsets {
  let size = 1024;
  while (size < onsets.steps + PIECE_STEPS) size *= 2;
  const fft = new FFT(size);
  const out = new Float64Array(size * 2);
  const transforms = pairs(onsets, 0, onsets.steps, size).map((pair) => {
    // Into 64 bits, as all that is transformed: engines are slow where one function gets both.
    fft.transform(out, pair);
    return Float32Array.from(out);
  });
  const energyBefore = new Float64Array(onsets.steps + 1);
  for (let step = 0; step < onsets.steps; step++) {
    let energy = 0;
    for (const band of onsets.bands) energy += (band[step] ?? 0) ** 2;
    energyBefore[step + 1] = (energyBefore[step] ?? 0) + energy;
  }
  return { onsets, size, transforms, energyBefore };
}

function* pairsOf(onsets: Onsets) {
  for (let band = 0; band + 1 < onsets.bands.length; band += 2) {
    const [first, second] = [onsets.bands[band], onsets.bands[band + 1]];
    if (first !== undefined && second !== undefined) yield { first, second };
  }
}

function pairs(onsets: Onsets, start: number, length: number, size: number): Float64Array[] {
  return [...pairsOf(onsets)].map(({ first, second }) => {
    const data = new Float64Array(size * 2);
    for (let at = 0; at < length; at++) {
      data[at * 2] = first[start + at] ?? 0;
      data[at * 2 + 1] = second[start + at] ?? 0;
    }
    return data;
  });
}

/**
 * How alike a piece of a clip is to the song at each step, in standard deviations above the song's mean. The
 * piece must lie in the song as a whole; elsewhere it is 0.
 */
function likeness(song: SearchableOnsets, clip: Onsets, start: number, length: number): Float32Array {
  const { size, transforms } = song;
  const fft = new FFT(size);
  const sum = new Float64Array(size * 2);
  const own = new Float64Array(size * 2);
  let energy = 0;
  pairs(clip, start, length, size).forEach((pair, index) => {
    for (const value of pair) energy += value * value;
    fft.transform(own, pair);
    const theirs = transforms[index] ?? sum;
    for (let bin = 0; bin < size * 2; bin += 2) {
      const [a, b] = [theirs[bin] ?? 0, theirs[bin + 1] ?? 0];
      const [c, d] = [own[bin] ?? 0, own[bin + 1] ?? 0];
      sum[bin] = (sum[bin] ?? 0) + a * c + b * d;
      sum[bin + 1] = (sum[bin + 1] ?? 0) + b * c - a * d;
    }
  });
  const places = Math.max(0, song.onsets.steps - length + 1);
  const curve = new Float32Array(places);
  if (energy === 0) return curve;
  fft.inverseTransform(own, sum);
  const songEnergy = song.energyBefore[song.onsets.steps] ?? 0;
  // Where the song is nearly silent, a likeness says nothing.
  const least = (0.2 * songEnergy * length) / Math.max(1, song.onsets.steps);
  for (let step = 0; step < places; step++) {
    const there = (song.energyBefore[step + length] ?? 0) - (song.energyBefore[step] ?? 0);
    curve[step] = (own[step * 2] ?? 0) / Math.sqrt(energy * Math.max(there, least));
  }
  return inDeviations(curve);
}

function inDeviations(curve: Float32Array): Float32Array {
  let [sum, squares] = [0, 0];
  for (const value of curve) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / Math.max(1, curve.length);
  const deviation = Math.sqrt(Math.max(1e-12, squares / Math.max(1, curve.length) - mean * mean));
  return curve.map((value) => (value - mean) / deviation);
}

/** Whether a clip has the two pieces that it takes to hear at which speed it runs. */
export const tellsSpeed = (clip: Onsets) => clip.steps >= 2 * PIECE_STEPS;

/** The starts of the pieces of a clip that are looked for, in steps. */
export function pieceStarts(steps: number, most = MOST_PIECES): number[] {
  const count = Math.max(1, Math.floor(steps / PIECE_STEPS));
  const taken = Math.min(count, most);
  const room = Math.max(0, steps - PIECE_STEPS);
  return Array.from({ length: taken }, (_, index) =>
    taken === 1 ? Math.floor(room / 2) : Math.round((room * index) / (taken - 1)),
  );
}

/**
 * The likeliest places of a clip in a song by their onsets, best first: of all places and all speeds of the
 * range those at which most pieces agree.
 */
export function searchOnsets(song: SearchableOnsets, clip: Onsets, most: number): OnsetCandidate[] {
  const length = Math.min(PIECE_STEPS, clip.steps);
  const starts = pieceStarts(clip.steps);
  const curves = starts.map((start) => likeness(song, clip, start, length));
  // The middle of the clip is what is placed: there a wrong speed costs least.
  const middle = (clip.steps - length) / 2;
  const span = Math.max(1, clip.steps - length);
  // From one speed to the next the ends of the clip move by one step. A single piece tells no speed.
  const speeds = tellsSpeed(clip) ? Math.ceil((MOST_DRIFT * span) / 2) : 0;
  const first = -Math.ceil(clip.steps);
  const last = song.onsets.steps;
  const best = new Float32Array(last - first).fill(-1e9);
  const rates = new Float32Array(last - first).fill(1);
  const sums = new Float32Array(last - first);
  for (let speed = -speeds; speed <= speeds; speed++) {
    const drift = speeds === 0 ? 0 : (MOST_DRIFT * speed) / speeds;
    sums.fill(0);
    curves.forEach((curve, index) => {
      const shift = Math.round((starts[index] ?? 0) + drift * ((starts[index] ?? 0) - middle));
      const from = Math.max(first, -shift);
      const to = Math.min(last, curve.length - shift);
      for (let step = from; step < to; step++)
        sums[step - first] = (sums[step - first] ?? 0) + (curve[step + shift] ?? 0);
    });
    for (let at = 0; at < sums.length; at++) {
      if ((sums[at] ?? 0) <= (best[at] ?? 0)) continue;
      best[at] = sums[at] ?? 0;
      rates[at] = 1 + drift;
    }
  }
  const scale = 1 / Math.sqrt(curves.length);
  return peaks(best, most).map((at) => {
    const rate = rates[at] ?? 1;
    return {
      // Sums are by where the clip would begin at speed 1; its middle stays, its beginning moves.
      step: at + first - (rate - 1) * (middle + length / 2),
      rate,
      score: (best[at] ?? 0) * scale,
    };
  });
}

/** The highest values that lie apart, highest first. */
function peaks(values: Float32Array, most: number): number[] {
  const left = values.slice();
  const found: number[] = [];
  while (found.length < most) {
    let [at, highest] = [-1, 0];
    for (let index = 0; index < left.length; index++) {
      const value = left[index] ?? 0;
      if (value > highest) [at, highest] = [index, value];
    }
    if (at < 0) break;
    found.push(at);
    left.fill(-1e9, Math.max(0, at - APART_STEPS), at + APART_STEPS + 1);
  }
  return found;
}
