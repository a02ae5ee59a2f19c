import FFT from 'fft.js';
import { LINE_UP_RATE, MOST_DRIFT } from './line-up.types';

/** Half a second: long against a room's first echoes, short enough that a drift of 0.05 % blurs nothing. */
const WINDOW = 8192;
/** Where a phone hears well and a song has most of its own. */
const LOW_HZ = 200;
const HIGH_HZ = 3800;
/** Correlations are made at half the rate: HIGH_HZ lies below its middle. */
const LAG_RATE = LINE_UP_RATE / 2;
const LAG_SIZE = WINDOW / 2;
/** 60 ms to each side: twice what the onsets can be wrong by. */
const REACH = Math.round(0.06 * LAG_RATE);
/** Windows that are compared, spread over the clip; and those that tell at which speed to compare them. */
const MOST_WINDOWS = 40;
const FIRST_WINDOWS = 12;
/** How far a song's own loudness at a pitch weighs there: 0 would weigh the noise between its notes as much. */
const LOUDNESS_WEIGHT = 0.3;
/** Speeds that are tried lie so far apart; half of it moves the ends of a window by two samples. */
const SPEED_STEP = 0.001;
const LOW_BIN = Math.ceil((LOW_HZ * WINDOW) / LINE_UP_RATE);
const HIGH_BIN = Math.floor((HIGH_HZ * WINDOW) / LINE_UP_RATE);

export type WaveMatch = {
  /** Samples of the song before the clip's first, and song samples per clip sample. */
  offset: number;
  rate: number;
  /** Height of the peak in standard deviations of what chance makes. */
  score: number;
};

/** A clip's windows as spectra of phases, made once for all places that are tried. */
export type ClipWindows = { starts: number[]; phases: Float32Array[]; length: number };

const hann = Float64Array.from(
  { length: WINDOW },
  (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / WINDOW),
);

/**
 * Phases of the bins of the band, as vectors whose length is the loudness there to the power of `weight`, and
 * whose mean square is 1; null when there is no sound.
 */
function phasesOf(
  fft: FFT,
  input: Float64Array,
  spectrum: Float64Array,
  weight: number,
): Float32Array | null {
  let power = 0;
  for (const value of input) power += value * value;
  // About -86 dB of full scale: digital silence with its last bit flickering.
  if (power < WINDOW * 2e-9) return null;
  fft.realTransform(spectrum, input);
  const phases = new Float32Array((HIGH_BIN - LOW_BIN + 1) * 2);
  let squares = 0;
  for (let bin = LOW_BIN; bin <= HIGH_BIN; bin++) {
    const [re, im] = [spectrum[bin * 2] ?? 0, spectrum[bin * 2 + 1] ?? 0];
    const size = Math.sqrt(re * re + im * im) + 1e-20;
    const factor = weight === 0 ? 1 / size : size ** (weight - 1);
    phases[(bin - LOW_BIN) * 2] = re * factor;
    phases[(bin - LOW_BIN) * 2 + 1] = im * factor;
    squares += (size * factor) ** 2;
  }
  const scale = Math.sqrt((HIGH_BIN - LOW_BIN + 1) / squares);
  return weight === 0 ? phases : phases.map((value) => value * scale);
}

export function prepareWindows(clip: Float32Array): ClipWindows {
  const fft = new FFT(WINDOW);
  const [input, spectrum] = [new Float64Array(WINDOW), new Float64Array(WINDOW * 2)];
  const room = Math.max(0, clip.length - WINDOW);
  const count = Math.min(MOST_WINDOWS, Math.max(1, Math.floor((2 * clip.length) / WINDOW) - 1));
  const [starts, phases]: [number[], Float32Array[]] = [[], []];
  for (let index = 0; index < count; index++) {
    const start = count === 1 ? 0 : Math.round((room * index) / (count - 1));
    for (let at = 0; at < WINDOW; at++) input[at] = (clip[start + at] ?? 0) * (hann[at] ?? 0);
    const found = phasesOf(fft, input, spectrum, 0);
    if (found === null) continue;
    starts.push(start);
    phases.push(found);
  }
  return { starts, phases, length: clip.length };
}

/**
 * Finds to a fraction of a sample where a clip lies in a song near a place that is known to some hundredths of
 * a second: the phases of the two sounds are compared window by window (GCC-PHAT; Knapp & Carter 1976), and the
 * correlations added along every speed.
 * @param near where the clip begins in the song (samples), song samples per clip sample, and by how much that
 *   rate may be wrong
 */
export function matchWaves(
  song: Float32Array,
  clip: ClipWindows,
  near: { offset: number; rate: number; rateError: number },
): WaveMatch {
  const middle = clip.length / 2;
  const first = someOf(clip, FIRST_WINDOWS);
  let best: WaveMatch = { offset: near.offset, rate: near.rate, score: 0 };
  for (const rate of speedsAround(near)) {
    // The clip's middle stays where it is.
    const offset = near.offset + (near.rate - rate) * middle;
    const match = matchAtSpeed(song, first, { offset, rate });
    if (match.score > best.score) best = match;
  }
  return best;
}

/** Narrows a match of some windows down with all of them. */
export function refineMatch(song: Float32Array, clip: ClipWindows, match: WaveMatch): WaveMatch {
  return matchAtSpeed(song, clip, match);
}

/** Speeds that are tried: evenly over what is possible, so that the windows blur little at the nearest. */
function speedsAround(near: { rate: number; rateError: number }): number[] {
  const low = Math.max(1 - MOST_DRIFT, near.rate - near.rateError);
  const high = Math.min(1 + MOST_DRIFT, near.rate + near.rateError);
  const count = Math.max(1, Math.ceil((high - low) / SPEED_STEP));
  return Array.from({ length: count }, (_, index) => low + ((high - low) * (index + 0.5)) / count);
}

function someOf(clip: ClipWindows, most: number): ClipWindows {
  const count = Math.min(most, clip.starts.length);
  const chosen = Array.from({ length: count }, (_, index) =>
    count === 1 ? 0 : Math.round((index * (clip.starts.length - 1)) / (count - 1)),
  );
  return {
    starts: chosen.map((index) => clip.starts[index] ?? 0),
    phases: chosen.flatMap((index) => clip.phases[index] ?? []),
    length: clip.length,
  };
}

function matchAtSpeed(
  song: Float32Array,
  clip: ClipWindows,
  at: { offset: number; rate: number },
): WaveMatch {
  const curves = correlations(song, clip, at);
  const none: WaveMatch = { ...at, score: 0 };
  if (curves.length === 0) return none;
  const middle = clip.length / 2;
  const reach = Math.max(...curves.map(({ centre }) => Math.abs(centre - middle)), 1);
  // From one slope to the next the outermost window moves by one step of the correlation.
  const slopes = Math.max(1, Math.ceil((SPEED_STEP / 2) * reach * (LAG_RATE / LINE_UP_RATE)));
  const sum = new Float32Array(2 * REACH + 1);
  let [height, lag, slope] = [0, 0, 0];
  for (let step = -slopes; step <= slopes; step++) {
    const tried = (SPEED_STEP / 2) * (step / slopes);
    sum.fill(0);
    for (const { centre, curve } of curves) {
      const shift = Math.round((tried * (centre - middle) * LAG_RATE) / LINE_UP_RATE);
      const from = Math.max(0, -shift);
      const to = Math.min(sum.length, sum.length - shift);
      for (let index = from; index < to; index++)
        sum[index] = (sum[index] ?? 0) + (curve[index + shift] ?? 0);
    }
    for (let index = 1; index < sum.length - 1; index++) {
      const value = sum[index] ?? 0;
      if (value > height) [height, lag, slope] = [value, index - REACH + top(sum, index), tried];
    }
  }
  const bins = HIGH_BIN - LOW_BIN + 1;
  // By chance each bin of each window adds a cosine of any angle; windows overlap by half.
  const chance = Math.sqrt((bins * curves.length) / 2);
  const late = (lag * LINE_UP_RATE) / LAG_RATE;
  return {
    offset: at.offset + at.rate * (slope * middle - late),
    rate: at.rate * (1 - slope),
    score: height / chance,
  };
}

/** Where between its neighbours a peak has its top (parabola through three points), −0.5..0.5. */
function top(values: Float32Array, index: number): number {
  const [left, here, right] = [values[index - 1] ?? 0, values[index] ?? 0, values[index + 1] ?? 0];
  const curvature = left - 2 * here + right;
  return curvature === 0 ? 0 : Math.max(-0.5, Math.min(0.5, (left - right) / (2 * curvature)));
}

/** For each window of the clip that lies in the song: how well it fits by each lag, REACH to each side. */
function correlations(song: Float32Array, clip: ClipWindows, at: { offset: number; rate: number }) {
  const fft = new FFT(WINDOW);
  const lags = new FFT(LAG_SIZE);
  const [input, spectrum] = [new Float64Array(WINDOW), new Float64Array(WINDOW * 2)];
  const [cross, result] = [new Float64Array(LAG_SIZE * 2), new Float64Array(LAG_SIZE * 2)];
  const curves: { centre: number; curve: Float32Array }[] = [];
  clip.starts.forEach((start, index) => {
    const from = at.offset + start * at.rate;
    if (from < 0 || from + WINDOW * at.rate > song.length) return;
    const own = clip.phases[index];
    resample(song, from, at.rate, input);
    const theirs = phasesOf(fft, input, spectrum, LOUDNESS_WEIGHT);
    if (own === undefined || theirs === null) return;
    for (let bin = LOW_BIN; bin <= HIGH_BIN; bin++) {
      const place = (bin - LOW_BIN) * 2;
      const [a, b] = [own[place] ?? 0, own[place + 1] ?? 0];
      const [c, d] = [theirs[place] ?? 0, theirs[place + 1] ?? 0];
      cross[bin * 2] = a * c + b * d;
      cross[bin * 2 + 1] = b * c - a * d;
    }
    lags.inverseTransform(result, cross);
    const curve = new Float32Array(2 * REACH + 1);
    for (let lag = -REACH; lag <= REACH; lag++) {
      const real = result[((lag + LAG_SIZE) % LAG_SIZE) * 2] ?? 0;
      curve[lag + REACH] = real * LAG_SIZE;
    }
    curves.push({ centre: start + WINDOW / 2, curve });
  });
  return curves;
}

/** A window of the song at another speed, by cubic interpolation (Catmull & Rom), tapered. */
function resample(song: Float32Array, from: number, rate: number, into: Float64Array): void {
  for (let index = 0; index < WINDOW; index++) {
    const place = from + index * rate;
    const whole = Math.floor(place);
    const part = place - whole;
    const [a, b] = [song[whole - 1] ?? 0, song[whole] ?? 0];
    const [c, d] = [song[whole + 1] ?? 0, song[whole + 2] ?? 0];
    const value =
      b + 0.5 * part * (c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a)));
    into[index] = value * (hann[index] ?? 0);
  }
}
