import FFT from 'fft.js';
import { SPEECH_SAMPLE_RATE } from './audio.types';

/** 10 ms: the usual step of speech analysis, fine enough to see a closure (about 60 ms). */
export const HOP = SPEECH_SAMPLE_RATE / 100;
/** Analysis steps per second. */
export const STEPS_PER_SECOND = SPEECH_SAMPLE_RATE / HOP;
/** Mel bands between LOW_HZ and HIGH_HZ. */
export const BANDS = 28;
const LOW_HZ = 90;
const HIGH_HZ = 7400;
/** 25 ms for the bands (the usual speech window), 64 ms for the pitch (three periods of 50 Hz). */
const BAND_WINDOW = 400;
const BAND_FFT = 512;
const PITCH_WINDOW = 1024;
const PITCH_FFT = 2048;
/** Voices sing from about 75 Hz (bass) to 800 Hz (soprano below the whistle register). */
const LOWEST_PITCH_LAG = Math.floor(SPEECH_SAMPLE_RATE / 800);
const HIGHEST_PITCH_LAG = Math.ceil(SPEECH_SAMPLE_RATE / 75);
/** -100 dB of full scale: log energy of digital silence. */
const QUIET = 1e-10;

/** What is measured of a sound, one row for every 10 ms. */
export type Spectrum = {
  steps: number;
  /** Natural logarithm of the power in each mel band: steps × BANDS. */
  bands: Float32Array;
  /** Natural logarithm of the mean power between 150 Hz and 4 kHz, where voices are. */
  energy: Float32Array;
  /** 0..1: how periodic the sound is (highest normalised autocorrelation at a voice's pitch). */
  harmonicity: Float32Array;
};

const mel = (hz: number) => 2595 * Math.log10(1 + hz / 700);
const hertz = (m: number) => 700 * (10 ** (m / 2595) - 1);

function hann(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
}

/** Triangular mel filters (O'Shaughnessy's mel scale, as in HTK), each with its first bin. */
function melFilters(): { first: number; weights: Float64Array }[] {
  const edges = Array.from({ length: BANDS + 2 }, (_, i) =>
    hertz(mel(LOW_HZ) + ((mel(HIGH_HZ) - mel(LOW_HZ)) * i) / (BANDS + 1)),
  );
  const binHz = SPEECH_SAMPLE_RATE / BAND_FFT;
  return Array.from({ length: BANDS }, (_, band) => {
    const low = edges[band] ?? 0;
    // Below about 600 Hz the triangles are narrower than a bin: widen them so that none is empty.
    const centre = edges[band + 1] ?? 0;
    const high = edges[band + 2] ?? 0;
    const reach = Math.max(binHz * 1.01, centre - low);
    const first = Math.max(0, Math.ceil((centre - reach) / binHz));
    const last = Math.floor((centre + Math.max(binHz * 1.01, high - centre)) / binHz);
    const weights = Float64Array.from({ length: last - first + 1 }, (_, i) => {
      const hz = (first + i) * binHz;
      return Math.max(0, hz < centre ? 1 - (centre - hz) / reach : 1 - (hz - centre) / (high - centre || 1));
    });
    const sum = weights.reduce((a, b) => a + b, 0) || 1;
    return { first, weights: weights.map((w) => w / sum) };
  });
}

/** Highest normalised autocorrelation at the lag of a singable pitch, corrected for the window. */
function periodicity(power: Float64Array, window: Float64Array): number {
  const silence = (power[0] ?? 0) <= QUIET * PITCH_WINDOW;
  if (silence) return 0;
  let best = 0;
  let previous = Number.POSITIVE_INFINITY;
  let falling = true;
  const r0 = power[0] ?? 1;
  for (let lag = LOWEST_PITCH_LAG; lag <= HIGHEST_PITCH_LAG; lag += 1) {
    const r = (power[lag] ?? 0) / r0 / (window[lag] ?? 1);
    // The slope down from lag 0 is no pitch: wait for the first rise.
    if (falling && r > previous) falling = false;
    if (!falling && r > best) best = r;
    previous = r;
  }
  return Math.min(1, best);
}

/**
 * Measures a sound every 10 ms. Step i is centred on sample i × HOP. An empty sound has no steps.
 * @param samples mono, SPEECH_SAMPLE_RATE, full scale ±1
 */
export function measureSpectrum(samples: Float32Array): Spectrum {
  const steps = Math.ceil(samples.length / HOP);
  const bands = new Float32Array(steps * BANDS);
  const energy = new Float32Array(steps);
  const harmonicity = new Float32Array(steps);
  const filters = melFilters();
  const bandFft = new FFT(BAND_FFT);
  const bandWindow = hann(BAND_WINDOW);
  const bandInput = new Float64Array(BAND_FFT);
  const bandOutput = new Float64Array(BAND_FFT * 2);
  const power = new Float64Array(BAND_FFT / 2 + 1);
  const pitch = createPitchMeter();
  const lowBin = Math.round((150 / SPEECH_SAMPLE_RATE) * BAND_FFT);
  const highBin = Math.round((4000 / SPEECH_SAMPLE_RATE) * BAND_FFT);
  for (let step = 0; step < steps; step += 1) {
    const centre = step * HOP;
    const start = centre - BAND_WINDOW / 2;
    for (let i = 0; i < BAND_WINDOW; i += 1) bandInput[i] = (samples[start + i] ?? 0) * (bandWindow[i] ?? 0);
    bandFft.realTransform(bandOutput, bandInput);
    let voiceBand = 0;
    for (let bin = 0; bin <= BAND_FFT / 2; bin += 1) {
      const re = bandOutput[bin * 2] ?? 0;
      const im = bandOutput[bin * 2 + 1] ?? 0;
      // 2/(sum of the window)² makes the power of a full-scale sine about 1/2.
      const p = ((re * re + im * im) * 2) / (BAND_WINDOW / 2) ** 2;
      power[bin] = p;
      if (bin >= lowBin && bin <= highBin) voiceBand += p;
    }
    energy[step] = Math.log(voiceBand + QUIET);
    for (let band = 0; band < BANDS; band += 1) {
      const filter = filters[band];
      if (!filter) continue;
      let sum = 0;
      for (let i = 0; i < filter.weights.length; i += 1)
        sum += (filter.weights[i] ?? 0) * (power[filter.first + i] ?? 0);
      bands[step * BANDS + band] = Math.log(sum + QUIET);
    }
    // Pitch moves slowly: every second step is enough and saves a third of the time.
    harmonicity[step] = step % 2 === 0 ? pitch(samples, centre) : (harmonicity[step - 1] ?? 0);
  }
  return { steps, bands, energy, harmonicity };
}

/** Autocorrelation through the power spectrum (Wiener-Khinchin), on the voice band only. */
function createPitchMeter(): (samples: Float32Array, centre: number) => number {
  const fft = new FFT(PITCH_FFT);
  const window = hann(PITCH_WINDOW);
  const input = new Float64Array(PITCH_FFT);
  const output = new Float64Array(PITCH_FFT * 2);
  const power = new Float64Array(PITCH_FFT);
  const correlate = (from: number, to: number) => {
    fft.realTransform(output, input);
    for (let bin = 0; bin <= PITCH_FFT / 2; bin += 1) {
      const re = output[bin * 2] ?? 0;
      const im = output[bin * 2 + 1] ?? 0;
      const p = bin >= from && bin <= to ? re * re + im * im : 0;
      power[bin] = p;
      if (bin > 0) power[PITCH_FFT - bin] = p;
    }
    // The power spectrum is real and even, so the forward transform serves as the inverse one.
    fft.realTransform(output, power);
  };
  const readReal = (into: Float64Array) => {
    for (let lag = 0; lag < into.length; lag += 1) into[lag] = output[lag * 2] ?? 0;
    return into;
  };
  // Taken anew for every step, the correlations of ten minutes would fill 50 MB before they are collected.
  const correlation = new Float64Array(HIGHEST_PITCH_LAG + 1);
  input.set(window);
  correlate(0, PITCH_FFT);
  const windowCorrelation = readReal(new Float64Array(HIGHEST_PITCH_LAG + 1));
  const w0 = windowCorrelation[0] ?? 1;
  for (let i = 0; i < windowCorrelation.length; i += 1)
    windowCorrelation[i] = (windowCorrelation[i] ?? 0) / w0;
  const bin = PITCH_FFT / SPEECH_SAMPLE_RATE;
  return (samples, centre) => {
    const start = centre - PITCH_WINDOW / 2;
    for (let i = 0; i < PITCH_WINDOW; i += 1) input[i] = (samples[start + i] ?? 0) * (window[i] ?? 0);
    correlate(Math.round(90 * bin), Math.round(3500 * bin));
    return periodicity(readReal(correlation), windowCorrelation);
  };
}
