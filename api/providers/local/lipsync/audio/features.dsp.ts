import { BANDS, type Spectrum } from './spectrum.dsp';

/** Steps (10 ms) around the one that is judged: dense near it, sparse away. Speech anticipates by ~150 ms. */
const OFFSETS = [-18, -13, -9, -6, -4, -2, 0, 2, 4, 6, 9, 13, 18];
/** Neighbouring bands are summed up for the half second around a step. */
const GROUPS = BANDS / 4;
/**
 * ±0.45 s, three to four syllables, and ±1.1 s, a line of a song: enough to tell a voice's rhythm from
 * that of instruments. With the second one, music that was kept back from training passes half as often
 * for a voice.
 */
const REACHES = [45, 110] as const;
/** Syllables come four to five a second, so from one half to the next a band moves within this time. */
const MOVE = 5;
/** Of every broad band and the periodicity, for every reach: mean, spread and how fast it moves. */
const SURROUNDINGS = (GROUPS + 1) * REACHES.length * 3;
/** Bands quieter than the reference by more than this (nepers of power, 52 dB) all look equally silent. */
const DYNAMIC_RANGE = 12;
/** 26 dB under the loud part and quieter: pauses, which say nothing of the voice's colour. */
const PAUSE_DEPTH = 6;
/** Natural logarithm of a power of -50 dB of full scale: nothing quieter is lifted to be a voice. */
const QUIETEST_REFERENCE = Math.log(1e-5);

/** Numbers the network sees for every step. */
export const INPUTS = OFFSETS.length * (BANDS + 2) + SURROUNDINGS;

/** The loud part of a sound: the 95th percentile of its voice-band energy (natural logarithm). */
export function referenceEnergy(energy: Float32Array): number {
  if (energy.length === 0) return QUIETEST_REFERENCE;
  const sorted = energy.toSorted();
  const loud = sorted[Math.floor(sorted.length * 0.95)] ?? QUIETEST_REFERENCE;
  return Math.max(QUIETEST_REFERENCE, loud);
}

/**
 * The sound's own colour (its microphone, its speaker, its backing), taken from its loud steps, so
 * that half of it can be taken away: a network taught on synthetic voices hears others alike.
 */
function colour(spectrum: Spectrum, reference: number): Float32Array {
  const mean = new Float32Array(BANDS);
  let weight = 0;
  for (let step = 0; step < spectrum.steps; step += 1) {
    if ((spectrum.energy[step] ?? 0) < reference - PAUSE_DEPTH) continue;
    weight += 1;
    for (let band = 0; band < BANDS; band += 1)
      mean[band] = (mean[band] ?? 0) + (spectrum.bands[step * BANDS + band] ?? 0) - reference;
  }
  return weight === 0 ? mean : mean.map((m) => m / weight);
}

/**
 * Rows of INPUTS numbers, one for every step: the bands and the energy around it relative to the
 * loud part of this sound, its periodicity, and what broad bands do in the seconds around it.
 */
export function stackFeatures(spectrum: Spectrum): Float32Array {
  return createFeatures(spectrum)(0, spectrum.steps, new Float32Array(spectrum.steps * INPUTS));
}

/**
 * The same rows for steps `from` to `to` at a time, written to the beginning of `into`: those of ten
 * minutes together fill 100 MB.
 */
export function createFeatures(
  spectrum: Spectrum,
): (from: number, to: number, into: Float32Array) => Float32Array {
  const { steps } = spectrum;
  const reference = referenceEnergy(spectrum.energy);
  const tint = colour(spectrum, reference);
  const relative = new Float32Array(steps * BANDS);
  for (let i = 0; i < relative.length; i += 1) {
    const level = Math.max(-DYNAMIC_RANGE, (spectrum.bands[i] ?? 0) - reference);
    relative[i] = (level - COLOUR_REMOVED * (tint[i % BANDS] ?? 0)) / LEVEL_UNIT;
  }
  const level = spectrum.energy.map((e) => Math.max(-DYNAMIC_RANGE, e - reference) / LEVEL_UNIT);
  const surroundings = broadSurroundings(relative, spectrum.harmonicity, steps);
  return (from, to, into) => {
    const rows = into.subarray(0, (to - from) * INPUTS);
    for (let step = from; step < to; step += 1) {
      let at = (step - from) * INPUTS;
      for (const offset of OFFSETS) {
        const other = Math.min(steps - 1, Math.max(0, step + offset));
        rows.set(relative.subarray(other * BANDS, (other + 1) * BANDS), at);
        at += BANDS;
        rows[at] = level[other] ?? 0;
        rows[at + 1] = spectrum.harmonicity[other] ?? 0;
        at += 2;
      }
      rows.set(surroundings.subarray(step * SURROUNDINGS, (step + 1) * SURROUNDINGS), at);
    }
    return rows;
  };
}

/** Nepers of power that are 1 for the network: its inputs reach from −3 to about 1. The weights were taught with it. */
const LEVEL_UNIT = 4;
/** How much of a recording's own colour is taken out; the weights were taught with it. */
const COLOUR_REMOVED = 0.5;

/** Mean, spread and mean movement around every step of each group of four bands and of the periodicity. */
function broadSurroundings(relative: Float32Array, harmonicity: Float32Array, steps: number): Float32Array {
  const out = new Float32Array(steps * SURROUNDINGS);
  const track = new Float64Array(steps);
  const sums = new Float64Array(steps + 1);
  const squares = new Float64Array(steps + 1);
  const moves = new Float64Array(steps + 1);
  let column = 0;
  for (let group = 0; group <= GROUPS; group += 1) {
    for (let step = 0; step < steps; step += 1) {
      let value = 0;
      if (group === GROUPS) value = harmonicity[step] ?? 0;
      else for (let i = 0; i < 4; i += 1) value += (relative[step * BANDS + group * 4 + i] ?? 0) / 4;
      track[step] = value;
      const moved = Math.abs(value - (track[Math.max(0, step - MOVE)] ?? 0));
      sums[step + 1] = (sums[step] ?? 0) + value;
      squares[step + 1] = (squares[step] ?? 0) + value * value;
      moves[step + 1] = (moves[step] ?? 0) + moved;
    }
    for (const reach of REACHES) {
      for (let step = 0; step < steps; step += 1) {
        const from = Math.max(0, step - reach);
        const to = Math.min(steps, step + reach + 1);
        const meanOf = (totals: Float64Array) => ((totals[to] ?? 0) - (totals[from] ?? 0)) / (to - from);
        const mean = meanOf(sums);
        const at = step * SURROUNDINGS + column;
        out[at] = mean;
        out[at + 1] = Math.sqrt(Math.max(0, meanOf(squares) - mean * mean));
        out[at + 2] = meanOf(moves);
      }
      column += 3;
    }
  }
  return out;
}
