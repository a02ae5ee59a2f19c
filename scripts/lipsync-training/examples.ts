import { INPUTS, stackFeatures } from '../../api/providers/local/lipsync/audio/features.dsp';
import { OUTPUTS } from '../../api/providers/local/lipsync/audio/network.model';
import { BANDS, measureSpectrum, type Spectrum } from '../../api/providers/local/lipsync/audio/spectrum.dsp';
import type { Random } from '../../api/shared/random';
import { playBacking } from './backing';
import type { Phone, Speaker, Utterance } from './espeak';
import type { FliteSpeaker } from './flite';
import { type MouthTrack, trackMouth } from './mouth';
import type { Examples } from './network';
import { singTake } from './sung';
import { words } from './texts';

const RATE = 16_000;
const SECONDS = 6;
/** A sound, and the phones in it; null: nobody speaks or sings. */
export type Take = { samples: Float32Array; phones: Phone[] | null };
export type Cast = {
  languages: readonly [string, ...string[]];
  variants: readonly [string, ...string[]];
  /** Voices of flite. */
  recorded: readonly [string, ...string[]];
};
export type Speakers = { espeak: Speaker; flite: FliteSpeaker };

/** Half of the speakers are recorded voices: there are few of them, but real throats were heard. */
const SHARE_RECORDED = 0.5;

/** Random words, with a pause here and there. */
function sentence(list: readonly string[], random: Random): string {
  return Array.from(
    { length: Math.round(random.between(12, 22)) },
    () =>
      `${list[Math.floor(random.next() * list.length)] ?? ''}${random.chance(0.15) ? random.pick([',', '.', '?']) : ''}`,
  ).join(' ');
}

function say(speakers: Speakers, cast: Cast, random: Random): Utterance {
  if (random.chance(SHARE_RECORDED)) {
    const text = sentence(words['en-us'] ?? [], random);
    return speakers.flite.speak(text, random.pick(cast.recorded), random.between(0.75, 1.5));
  }
  const language = random.pick(cast.languages);
  return speakers.espeak.speak(sentence(words[language] ?? [], random), {
    name: `${language}+${random.pick(cast.variants)}`,
    wordsPerMinute: Math.round(random.between(95, 200)),
    pitch: Math.round(random.between(15, 85)),
    range: Math.round(random.between(10, 90)),
  });
}

/** Six seconds of a voice at 16 kHz; `stretch` shifts pitch and formants together (another throat). */
function speakTake(
  speakers: Speakers,
  cast: Cast,
  random: Random,
): { samples: Float32Array; phones: Phone[] } {
  const said = say(speakers, cast, random);
  const stretch = random.between(0.82, 1.22);
  const step = (said.sampleRate * stretch) / RATE;
  const lead = random.chance(0.4) ? random.between(0.1, 1.2) : 0;
  const samples = new Float32Array(SECONDS * RATE);
  for (let i = Math.round(lead * RATE); i < samples.length; i += 1) {
    const at = (i - lead * RATE) * step;
    const whole = Math.floor(at);
    const a = said.samples[whole] ?? 0;
    samples[i] = a + ((said.samples[whole + 1] ?? 0) - a) * (at - whole);
  }
  const phones = said.phones.map((p) => ({
    ipa: p.ipa,
    start: p.start / step + lead * RATE,
  }));
  return { samples, phones: [{ ipa: '', start: 0 }, ...phones] };
}

function power(samples: Float32Array): number {
  let sum = 1e-12;
  for (const s of samples) sum += s * s;
  return sum / samples.length;
}

/** Room, microphone and noise: an echo tail, a tilt of the spectrum, a hiss. */
function recordTake(samples: Float32Array, random: Random): Float32Array {
  const tilt = random.between(-0.75, 0.75);
  const echo = random.chance(0.4) ? random.between(0.1, 0.4) : 0;
  const delays = [0.011, 0.017, 0.023, 0.037].map((d) => Math.round(d * RATE * random.between(0.8, 1.3)));
  const noise = random.chance(0.7) ? Math.sqrt(power(samples)) * 10 ** (-random.between(12, 50) / 20) : 0;
  const colour = random.between(0, 0.95);
  const out = new Float32Array(samples.length);
  const wet = new Float32Array(samples.length);
  let hiss = 0;
  for (let i = 0; i < samples.length; i += 1) {
    wet[i] = samples[i] ?? 0;
    if (echo > 0) for (const d of delays) wet[i] = (wet[i] ?? 0) + (wet[i - d] ?? 0) * echo * 0.5;
    hiss = colour * hiss + (random.next() * 2 - 1) * (1 - colour);
    out[i] = (wet[i] ?? 0) + tilt * (wet[i - 1] ?? 0) + hiss * noise * 3;
  }
  return out;
}

/** Another microphone and another throat: a smooth random curve over the bands, up to ±6 dB. */
export function recolour(spectrum: Spectrum, random: Random): Spectrum {
  const waves = [0.5, 1, 2].map((turns) => ({
    turns,
    height: random.between(-0.7, 0.7),
    phase: random.between(0, 2 * Math.PI),
  }));
  const curve = Float32Array.from({ length: BANDS }, (_, band) =>
    waves.reduce((sum, w) => sum + w.height * Math.sin(w.phase + (2 * Math.PI * w.turns * band) / BANDS), 0),
  );
  return {
    ...spectrum,
    bands: spectrum.bands.map((value, i) => value + (curve[i % BANDS] ?? 0)),
  };
}

const still = (): MouthTrack => {
  const steps = SECONDS * 100;
  return {
    aperture: new Float32Array(steps),
    width: new Float32Array(steps),
    closed: new Float32Array(steps),
    voiced: new Float32Array(steps),
  };
};

/** One take: nobody, a voice, or a voice with music under it. */
export function makeTake(speakers: Speakers, cast: Cast, random: Random): Take {
  const kind = random.next();
  if (kind < 0.3) {
    // No voice: music, hiss alone, or nearly nothing.
    const music = random.chance(0.85)
      ? playBacking(random, SECONDS)
      : new Float32Array(SECONDS * RATE).map(() => random.next() * 0.1);
    return { samples: recordTake(music, random), phones: null };
  }
  const voice = random.chance(0.3) ? singTake(random, SECONDS) : speakTake(speakers, cast, random);
  let samples = recordTake(voice.samples, random);
  if (kind < 0.65) {
    const music = playBacking(random, SECONDS);
    const gain = Math.sqrt(power(samples) / power(music)) * 10 ** (-random.between(-2, 20) / 20);
    samples = samples.map((s, i) => s + (music[i] ?? 0) * gain);
  }
  const loud = 10 ** (-random.between(0, 24) / 20);
  return { samples: samples.map((s) => s * loud), phones: voice.phones };
}

/** How much opening, width, closure and voice count: closures are rare, so each counts more. */
function weightsOf(someoneSpeaks: boolean, voiced: boolean, closed: boolean): number[] {
  if (voiced) return [1, 0.3, closed ? 0.5 : 0.15, 0.15];
  // In pauses the lips matter only as the way into and out of speech; without anyone, not at all.
  return [someoneSpeaks ? 0.2 : 0, 0, 0.03, 0.15];
}

/** `takes` times six seconds as examples, every second step (20 ms) of each. */
export function makeExamples(speakers: Speakers, cast: Cast, random: Random, takes: number): Examples {
  const perTake = (SECONDS * 100) / 2;
  const rows = takes * perTake;
  const examples: Examples = {
    rows,
    inputs: INPUTS,
    x: new Float32Array(rows * INPUTS),
    y: new Float32Array(rows * OUTPUTS),
    weights: new Float32Array(rows * OUTPUTS),
  };
  for (let take = 0; take < takes; take += 1) {
    const { samples, phones } = makeTake(speakers, cast, random);
    const mouth = phones ? trackMouth(phones, RATE, SECONDS) : still();
    const features = stackFeatures(recolour(measureSpectrum(samples), random));
    for (let i = 0; i < perTake; i += 1) {
      const step = i * 2;
      const row = take * perTake + i;
      examples.x.set(features.subarray(step * INPUTS, (step + 1) * INPUTS), row * INPUTS);
      const voiced = mouth.voiced[step] ?? 0;
      examples.y.set(
        [mouth.aperture[step] ?? 0, mouth.width[step] ?? 0, mouth.closed[step] ?? 0, voiced],
        row * OUTPUTS,
      );
      examples.weights.set(
        weightsOf(phones !== null, voiced > 0.5, (mouth.closed[step] ?? 0) > 0.5),
        row * OUTPUTS,
      );
    }
  }
  return examples;
}
