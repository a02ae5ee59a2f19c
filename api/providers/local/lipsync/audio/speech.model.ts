import { clamp, smoothstep } from '../../../../shared/numbers';
import type { AnalyseSpeechOptions, MouthTargets } from './audio.types';
import { createFeatures, INPUTS, referenceEnergy } from './features.dsp';
import { OUTPUTS, readNetwork, runNetwork, type SpeechNetwork } from './network.model';
import { findPhrases, followVoice, openInPhrases } from './phrase.model';
import { measureSpectrum, STEPS_PER_SECOND } from './spectrum.dsp';
// Its header says how it was made: by which script, of which voices, and how it does on voices kept back.
import weights from './speech-weights.json';

/**
 * The network regresses to the mean: on voices kept back its openings lie between .25 and .75 (5th and
 * 95th percentile), the lips' between 0 and .85. This stretches them again.
 */
const OPENING_GAIN = 1.5;
const OPENING_BASE = 0.2;
/**
 * Louder speech is spoken with a wider jaw (Schulman 1989, "Articulatory dynamics of loud and normal speech"):
 * the share of its opening that a quiet syllable keeps, and how much the loud part has more. Together they
 * leave the mean opening nearly as it was.
 */
const QUIET_OPENING = 0.27;
const LOUD_OPENING = 0.83;
/**
 * From the quietest effort to the loudest, in nepers of power to the loud part: in the median of 21 recordings
 * of real speakers a tenth of the voiced steps lies below −6.7 and a hundredth above .54.
 */
const QUIETEST_EFFORT = -7;
const LOUDEST_EFFORT = 0.5;
/** From here on (9.6 dB under) a sound counts as loud: about half of those steps do, their median is −2. */
const LOUD_FROM = -2.2;
/** Steps to both sides over which effort is heard: a jaw follows syllables, not every 10 ms of their sound. */
const EFFORT_REACH = 6;
/** Lips can't be shut while the sound is at its loudest: this much of the certainty that they are goes. */
const LOUD_CLOSING = 0.4;
/**
 * Certainties of touching lips between which they close: of those steps half lie below .24, which leaves
 * their opening as it is, and a twentieth above .71.
 */
const CLOSING_FROM = 0.35;
const CLOSED_FROM = 0.75;
/**
 * The network's widths regress to the mean too: on those recordings they lie between −.4 and .34 (1st and 99th
 * percentile) of −1..1. Set with the first network; no figure of then is kept.
 */
const WIDTH_GAIN = 1.2;
/**
 * The wide syllables (95th percentile) of a voice open the mouth at least so far: as those of the real speaker
 * on the clip at hand do, in both of its halves. The network hears some voices too timidly; it is not followed
 * below `1 / MOST_STRETCH` of this, as a mumbled voice shall stay one.
 */
const WIDE_SYLLABLE = 0.6;
const MOST_STRETCH = 1.5;
/** A syllable blurs over ±30 ms in a camera's frame of 40 ms: smoothing of the targets, in seconds. */
const SMOOTHING = 0.028;
/** Nepers of power under the loud part (24 dB): between the level of breaths and that of quiet syllables. */
export const QUIETEST_SYLLABLE = -5.5;
/** Added to the probability of a voice: a vocal track holds nothing but the voice and its breaths. */
const LONE_VOICE = 0.35;
/** Steps (10 ms) whose features are in memory together. */
const BLOCK = 1000;
/**
 * In a mix an instrument must not pass for a voice: its probability must exceed .62 in the long run. Measured
 * together with PASSAGE_COST (phrase.model.ts); a higher one loses singing faster than it saves music.
 */
export const VOICE_BIAS = 0.5;

/**
 * Says for every frame of video how the mouth stands that makes this sound. Frames beyond the end of
 * the sound, silence and music without a voice leave it shut.
 * @param samples mono sound at SPEECH_SAMPLE_RATE, full scale ±1; empty is allowed
 */
export function analyseSpeech(samples: Float32Array, options: AnalyseSpeechOptions): MouthTargets {
  const { fps, frames, isVocal } = options;
  const { steps, energy, said } = hearSteps(samples);
  const reference = referenceEnergy(energy);
  const column = (k: number) => new Float32Array(steps).map((_, i) => said[i * OUTPUTS + k] ?? 0);
  const probability = column(3).map((p) => (isVocal ? clamp(p + LONE_VOICE) : p));
  // The power that is likely the voice's: a loud breath is nearly as loud as a quiet syllable.
  const audible = Array.from(
    energy,
    (e, i) => e + Math.log(Math.max(1e-3, probability[i] ?? 0)) - reference > QUIETEST_SYLLABLE,
  );
  const phrases = findPhrases(followVoice(probability, VOICE_BIAS), audible);
  const inPhrase = new Float32Array(steps);
  for (const { from, to } of phrases) inPhrase.fill(1, from, to);
  const level = energy.map((e) => smoothstep(QUIETEST_EFFORT, LOUDEST_EFFORT, e - reference));
  const effort = meanAround(level, EFFORT_REACH).map((share) => QUIET_OPENING + LOUD_OPENING * share);
  const loudest = energy.map((e) => smoothstep(LOUD_FROM, 0, e - reference));
  const closed = column(2).map((p, i) => p * (1 - LOUD_CLOSING * (loudest[i] ?? 0)) * (inPhrase[i] ?? 0));
  const speech = column(0).map((a, i) => {
    const apart = 1 - smoothstep(CLOSING_FROM, CLOSED_FROM, closed[i] ?? 0);
    return clamp(OPENING_GAIN * (a - OPENING_BASE) * apart * (effort[i] ?? 0));
  });
  const wide = percentile95(speech.filter((_, i) => inPhrase[i] === 1));
  const stretch = clamp(WIDE_SYLLABLE / Math.max(wide, 1e-3), 1, MOST_STRETCH);
  const aperture = openInPhrases(
    speech.map((open) => clamp(open * stretch)),
    phrases,
  );
  const width = column(1).map((w, i) => clamp(w * WIDTH_GAIN, -1, 1) * (inPhrase[i] ?? 0));
  const loudness = level.map((share, i) => share * (inPhrase[i] ?? 0));
  const atFrames = (track: Float32Array) => sampleFrames(track, fps, frames);
  return {
    aperture: atFrames(aperture),
    width: atFrames(width),
    closed: peaksInFrames(closed, fps, frames),
    voiced: atFrames(inPhrase),
    loudness: atFrames(loudness),
  };
}

/** What the network says of every step (OUTPUTS numbers each), and how much energy it has (nepers of power). */
export function hearSteps(samples: Float32Array): {
  steps: number;
  energy: Float32Array;
  said: Float32Array;
} {
  const spectrum = measureSpectrum(samples);
  const { steps, energy } = spectrum;
  const features = createFeatures(spectrum);
  const said = new Float32Array(steps * OUTPUTS);
  const block = new Float32Array(BLOCK * INPUTS);
  for (let from = 0; from < steps; from += BLOCK) {
    const rows = features(from, Math.min(steps, from + BLOCK), block);
    said.set(runNetwork(loadNetwork(), rows), from * OUTPUTS);
  }
  return { steps, energy, said };
}

let network: SpeechNetwork | undefined;
/** The weights never change while the program runs: decoded once, when first needed. */
function loadNetwork(): SpeechNetwork {
  network ??= readNetwork(weights);
  return network;
}

/** 0 of nothing. */
function percentile95(values: Float32Array): number {
  return values.toSorted()[Math.floor(values.length * 0.95)] ?? 0;
}

/** The mean of the values up to `reach` steps away, fewer at the ends. */
function meanAround(track: Float32Array, reach: number): Float32Array {
  const sums = new Float64Array(track.length + 1);
  for (let i = 0; i < track.length; i += 1) sums[i + 1] = (sums[i] ?? 0) + (track[i] ?? 0);
  return track.map((_, i) => {
    const [from, to] = [Math.max(0, i - reach), Math.min(track.length, i + reach + 1)];
    return ((sums[to] ?? 0) - (sums[from] ?? 0)) / (to - from);
  });
}

/** The highest value within each frame: lips that touch for 50 ms touch in one frame at least. */
function peaksInFrames(track: Float32Array, fps: number, frames: number): Float32Array {
  return Float32Array.from({ length: frames }, (_, frame) => {
    const from = Math.floor((frame / fps) * STEPS_PER_SECOND);
    const to = Math.ceil(((frame + 1) / fps) * STEPS_PER_SECOND);
    return track.subarray(from, to).reduce((highest, value) => Math.max(highest, value), 0);
  });
}

/** Beyond so many sigmas a Gaussian weighs less than a twentieth. */
const GAUSSIAN_REACH = 2.5;

/** Gaussian around the middle of every frame; steps beyond the sound count as 0 (shut, silent). */
function sampleFrames(track: Float32Array, fps: number, frames: number): Float32Array {
  const sigma = SMOOTHING * STEPS_PER_SECOND;
  const reach = Math.ceil(sigma * GAUSSIAN_REACH);
  return Float32Array.from({ length: frames }, (_, frame) => {
    const centre = ((frame + 0.5) / fps) * STEPS_PER_SECOND;
    let sum = 0;
    let total = 0;
    for (let step = Math.floor(centre) - reach; step <= Math.ceil(centre) + reach; step += 1) {
      const weight = Math.exp(-0.5 * ((step - centre) / sigma) ** 2);
      sum += weight * (track[step] ?? 0);
      total += weight;
    }
    return sum / total;
  });
}
