import FFT from 'fft.js';
import type { SongSpectrum } from './media.service.types';
import { readWav } from './wav';

/** Ten a second: a beat at 190 a minute still has three of them. */
const STEPS_PER_SECOND = 10;
/** Notes and their colour lie under 6 kHz; what is above is measured as one band. */
const RATE = 12_000;
/** A third of a second: notes a semitone apart are told apart from A2 (110 Hz) up. */
const WINDOW = 4096;
const PITCH_CLASSES = 12;
/** From the second lowest string of a guitar to the top of a piano's melody. */
const [LOWEST_NOTE, HIGHEST_NOTE] = [100, 2000];
/** Edges of the bands in hertz, about an octave each; one more holds all that is above. */
const EDGES = [40, 90, 160, 280, 450, 700, 1100, 1700, 2600, 3900, 5600];
export const SPECTRUM_BANDS = EDGES.length;
/** -100 dB of full scale: digital silence has a logarithm, too. */
const QUIET = 1e-10;

/**
 * Pitch classes and loudness by bands over a song, from its 16-bit WAV master, ten times a second. Works
 * through a second at a time and lets others work in between: a song of three minutes takes about half a
 * second.
 */
export async function measureSpectrum(wavPath: string, signal?: AbortSignal): Promise<SongSpectrum> {
  const info = await readWav(wavPath);
  if (info.bitsPerSample !== 16) {
    throw new Error(`Masters have 16 bits a sample; this one has ${info.bitsPerSample}.`);
  }
  const { channels, sampleRate } = info;
  const every = Math.max(1, Math.round(sampleRate / RATE));
  const rate = sampleRate / every;
  const hop = Math.round(rate / STEPS_PER_SECOND);
  const steps = Math.floor(info.samples / every / hop);
  const chroma = new Float32Array(steps * PITCH_CLASSES);
  const bands = new Float32Array(steps * SPECTRUM_BANDS);
  const analyse = createAnalysis(rate);
  const file = Bun.file(wavPath);
  /** What the window sees, and the power of what lies above it. */
  const heard = new Float64Array(WINDOW);
  let last = 0;
  for (let step = 0; step < steps; step++) {
    if (step % STEPS_PER_SECOND === 0) {
      signal?.throwIfAborted();
      await Bun.sleep(0);
    }
    const from = info.dataOffset + step * hop * every * channels * 2;
    const bytes = await file.slice(from, from + hop * every * channels * 2).arrayBuffer();
    const samples = new Int16Array(bytes);
    heard.copyWithin(0, hop);
    let high = 0;
    for (let at = 0; at < hop; at++) {
      let sum = 0;
      for (let inner = 0; inner < every; inner++) {
        let value = 0;
        const first = (at * every + inner) * channels;
        for (let channel = 0; channel < channels; channel++) value += samples[first + channel] ?? 0;
        value /= 32_768 * channels;
        sum += value;
        // The difference of neighbours grows with the pitch: hi-hats and cymbals are most of it.
        high += (value - last) ** 2;
        last = value;
      }
      heard[WINDOW - hop + at] = sum / every;
    }
    analyse(heard, {
      chroma: chroma.subarray(step * PITCH_CLASSES, (step + 1) * PITCH_CLASSES),
      bands: bands.subarray(step * SPECTRUM_BANDS, (step + 1) * SPECTRUM_BANDS),
    });
    bands[(step + 1) * SPECTRUM_BANDS - 1] = Math.log(QUIET + high / (hop * every));
  }
  return { stepsPerSecond: rate / hop, steps, chroma, bands, bandCount: SPECTRUM_BANDS };
}

function createAnalysis(rate: number) {
  const fft = new FFT(WINDOW);
  const spectrum: number[] = fft.createComplexArray();
  const window = Float64Array.from(
    { length: WINDOW },
    (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / WINDOW),
  );
  const hertz = (bin: number) => (bin * rate) / WINDOW;
  const bins = WINDOW / 2;
  const pitchClass = Int8Array.from({ length: bins }, (_, bin) => {
    const hz = hertz(bin);
    if (hz < LOWEST_NOTE || hz > HIGHEST_NOTE) return -1;
    return (((Math.round(12 * Math.log2(hz / 440)) + 9) % PITCH_CLASSES) + PITCH_CLASSES) % PITCH_CLASSES;
  });
  const bandOf = Int8Array.from({ length: bins }, (_, bin) => {
    const above = EDGES.findIndex((edge) => hertz(bin) < edge);
    return above - 1 < 0 ? -1 : above - 1;
  });
  const windowed = new Array<number>(WINDOW).fill(0);

  return (heard: Float64Array, row: { chroma: Float32Array; bands: Float32Array }): void => {
    for (let at = 0; at < WINDOW; at++) windowed[at] = (heard[at] ?? 0) * (window[at] ?? 0);
    fft.realTransform(spectrum, windowed);
    for (let bin = 1; bin < bins; bin++) {
      const power = ((spectrum[2 * bin] ?? 0) ** 2 + (spectrum[2 * bin + 1] ?? 0) ** 2) / WINDOW;
      const note = pitchClass[bin] ?? -1;
      // By amplitude: the loudest note must not hide the chord.
      if (note >= 0) row.chroma[note] = (row.chroma[note] ?? 0) + Math.sqrt(power);
      const band = bandOf[bin] ?? -1;
      if (band >= 0) row.bands[band] = (row.bands[band] ?? 0) + power / WINDOW;
    }
    for (let band = 0; band < row.bands.length; band++) {
      row.bands[band] = Math.log(QUIET + (row.bands[band] ?? 0));
    }
  };
}
