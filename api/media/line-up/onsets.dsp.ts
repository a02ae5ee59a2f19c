import FFT from 'fft.js';
import { LINE_UP_RATE } from './line-up.types';

/** 10 ms: four steps of what a frame of 25 a second lasts. */
const HOP = LINE_UP_RATE / 100;
export const ONSETS_PER_SECOND = LINE_UP_RATE / HOP;
/** 32 ms: longer than a period of the lowest band, short enough to tell two hits apart. */
const WINDOW = 512;
/** Even, as two bands go through one transform. */
export const ONSET_BANDS = 24;
/** Below, phones hear nothing; above, music in a room has little that is its own. */
const LOW_HZ = 150;
const HIGH_HZ = 6500;
/** Share of a band's mean power below which nothing is heard: noise must not make onsets of silence. */
const FLOOR = 0.03;
/** A hit counts no more than so many standard deviations: one door slam must not decide. */
const LOUDEST = 4;

/** How much louder each mel band becomes at each hundredth of a second: each band has mean 0, variance 1. */
export type Onsets = { steps: number; bands: Float32Array[] };

const mel = (hz: number) => 2595 * Math.log10(1 + hz / 700);
const hertz = (m: number) => 700 * (10 ** (m / 2595) - 1);

/** First bin of each band, and the one after the last. */
function bandEdges(): number[] {
  const [low, high] = [mel(LOW_HZ), mel(HIGH_HZ)];
  return Array.from({ length: ONSET_BANDS + 1 }, (_, band) =>
    Math.round((hertz(low + ((high - low) * band) / ONSET_BANDS) * WINDOW) / LINE_UP_RATE),
  ).map((bin, band, bins) => Math.max(bin, (bins[0] ?? 0) + band));
}

/** Power of each band at each step. */
function bandPowers(samples: Float32Array): Onsets {
  const steps = Math.max(0, Math.floor((samples.length - WINDOW) / HOP) + 1);
  const bands = Array.from({ length: ONSET_BANDS }, () => new Float32Array(steps));
  const fft = new FFT(WINDOW);
  const hann = Float64Array.from(
    { length: WINDOW },
    (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / WINDOW),
  );
  const input = new Float64Array(WINDOW);
  const spectrum = new Float64Array(WINDOW * 2);
  const edges = bandEdges();
  for (let step = 0; step < steps; step++) {
    for (let at = 0; at < WINDOW; at++) input[at] = (samples[step * HOP + at] ?? 0) * (hann[at] ?? 0);
    fft.realTransform(spectrum, input);
    for (let band = 0; band < ONSET_BANDS; band++) {
      let power = 0;
      for (let bin = edges[band] ?? 0; bin < (edges[band + 1] ?? 0); bin++) {
        const [re, im] = [spectrum[bin * 2] ?? 0, spectrum[bin * 2 + 1] ?? 0];
        power += re * re + im * im;
      }
      const row = bands[band];
      if (row !== undefined) row[step] = power;
    }
  }
  return { steps, bands };
}

/** Rises of the logarithm over two steps, which no level and no equaliser changes. */
function rises(power: Float32Array): Float32Array {
  let mean = 0;
  for (const value of power) mean += value / Math.max(1, power.length);
  const heard = Float32Array.from(power, (value) => Math.log(value / (mean + 1e-20) + FLOOR));
  const onsets = new Float32Array(power.length);
  if (mean < 1e-12) return onsets;
  for (let at = 1; at < power.length - 1; at++) {
    onsets[at] = Math.max(0, (heard[at + 1] ?? 0) - (heard[at - 1] ?? 0));
  }
  return standardised(onsets);
}

function standardised(values: Float32Array): Float32Array {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / Math.max(1, values.length);
  const deviation = Math.sqrt(Math.max(0, squares / Math.max(1, values.length) - mean * mean));
  if (deviation === 0) return values.fill(0);
  return values.map((value) => Math.min(LOUDEST, (value - mean) / deviation));
}

/**
 * Measures the onsets of a sound. Step i is that of the 32 ms from sample i × 160; a sound shorter than that
 * has none, and silence has none that differ from 0.
 * @param samples mono, LINE_UP_RATE
 */
export function measureOnsets(samples: Float32Array): Onsets {
  const { steps, bands } = bandPowers(samples);
  return { steps, bands: bands.map(rises) };
}
