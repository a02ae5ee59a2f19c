import type { AnalyseSpeechOptions, MouthTargets } from './audio.types';
import { referenceEnergy, stackFeatures } from './features.model';
import { OUTPUTS, readNetwork, runNetwork, type SpeechNetwork } from './network.model';
import { measureSpectrum, STEPS_PER_SECOND } from './spectrum.model';
import weights from './speech-weights.json';

/** The network regresses to the mean: its 98th percentile on speech is about .6, the mouth's is .85. */
const OPENING_GAIN = 1.4;
/** Openings below this are a voice's rest position and breath noise: the lips stay together. */
const SHUT_BELOW = 0.06;
/** A syllable blurs over ±30 ms in a camera's frame of 40 ms: smoothing of the targets, in seconds. */
const SMOOTHING = 0.028;
/** Lone steps are not trusted: a voice lasts longer than ±100 ms. */
const VOICE_REACH = 10;

const clamp = (value: number, low = 0, high = 1) => Math.min(high, Math.max(low, value));
const smoothstep = (low: number, high: number, value: number) => {
  const t = clamp((value - low) / (high - low));
  return t * t * (3 - 2 * t);
};

/**
 * Says for every frame of video how the mouth stands that makes this sound. Frames beyond the end of
 * the sound, silence and music without a voice leave it shut.
 * @param samples mono sound at SPEECH_SAMPLE_RATE, full scale ±1; empty is allowed
 */
export function analyseSpeech(samples: Float32Array, options: AnalyseSpeechOptions): MouthTargets {
  const { fps, frames, isVocal } = options;
  const spectrum = measureSpectrum(samples);
  const { steps, energy } = spectrum;
  const reference = referenceEnergy(energy);
  const said = runNetwork(loadNetwork(), stackFeatures(spectrum));
  const column = (k: number) => Float32Array.from({ length: steps }, (_, i) => said[i * OUTPUTS + k] ?? 0);
  const heard = average(column(3), VOICE_REACH);
  // -35…-22 dB under the loud part: from the level of breaths and room to that of quiet syllables.
  const audible = energy.map((e) => smoothstep(-8, -5, e - reference));
  // A vocal track holds nothing but the voice, so what is audible is the voice.
  const voiced = heard.map((p, i) =>
    clamp(isVocal ? Math.max(p, 0.9) * (audible[i] ?? 0) : p * (audible[i] ?? 0)),
  );
  // In a mix an instrument must not pass for a voice, so more certainty is asked for than of a lone voice.
  const [unsure, sure] = isVocal ? [0.3, 0.6] : [0.55, 0.85];
  const gate = dropIslands(
    voiced.map((p) => smoothstep(unsure, sure, p)),
    SHORTEST_VOICE,
  );
  const closed = column(2).map((p, i) => p * (gate[i] ?? 0));
  const aperture = column(0).map((a, i) => {
    const open = Math.max(0, a - SHUT_BELOW) * OPENING_GAIN;
    return clamp(open * (gate[i] ?? 0) * (1 - smoothstep(0.35, 0.75, closed[i] ?? 0)));
  });
  breathe(aperture, gate);
  const width = column(1).map((w, i) => clamp(w * 1.2, -1, 1) * (gate[i] ?? 0));
  const loudness = energy.map((e, i) => smoothstep(-7, 0.5, e - reference) * (gate[i] ?? 0));
  const atFrames = (track: Float32Array) => sampleFrames(track, fps, frames);
  return {
    aperture: atFrames(aperture),
    width: atFrames(width),
    closed: atFrames(closed),
    voiced: atFrames(voiced),
    loudness: atFrames(loudness),
  };
}

/** A lone burst of "voice" shorter than this (steps) is a drum or a pluck; the shortest word is about as long. */
const SHORTEST_VOICE = 16;

/** Shuts the gate over bursts that are too short for a voice. */
function dropIslands(gate: Float32Array, shortest: number): Float32Array {
  const kept = gate.slice();
  let start = 0;
  for (let step = 0; step <= gate.length; step += 1) {
    if (step < gate.length && (gate[step] ?? 0) > 0.05) continue;
    if (step - start < shortest) kept.fill(0, start, step);
    start = step + 1;
  }
  return kept;
}

/** Pauses up to this long (steps) are for breathing; in longer ones the mouth shuts. */
const LONGEST_BREATH = 90;
/** Shorter gaps belong to consonants. */
const SHORTEST_BREATH = 12;
/** How far the lips part for a breath. */
const BREATH_OPENING = 0.35;

/**
 * Speakers and singers breathe in through the open mouth between phrases (Winkworth et al. 1995,
 * "Breathing patterns during spontaneous speech"): in a short pause between two phrases the lips part
 * instead of shutting, smoothly from the last sound into the next.
 */
function breathe(aperture: Float32Array, gate: Float32Array): void {
  let last = -1;
  for (let step = 0; step < gate.length; step += 1) {
    if ((gate[step] ?? 0) < 0.5) continue;
    const length = step - last - 1;
    if (last >= 0 && length >= SHORTEST_BREATH && length <= LONGEST_BREATH)
      for (let i = last; i <= step; i += 1) {
        const edge = Math.min(i - last, step - i) / SHORTEST_BREATH;
        aperture[i] = Math.max(aperture[i] ?? 0, BREATH_OPENING * smoothstep(0, 1, edge * 2));
      }
    last = step;
  }
}

let network: SpeechNetwork | undefined;
/** The weights never change while the program runs: decoded once, when first needed. */
function loadNetwork(): SpeechNetwork {
  network ??= readNetwork(weights);
  return network;
}

/** Moving average over ±reach steps. */
function average(track: Float32Array, reach: number): Float32Array {
  return track.map((_, i) => {
    const part = track.subarray(Math.max(0, i - reach), i + reach + 1);
    let sum = 0;
    for (const value of part) sum += value;
    return sum / part.length;
  });
}

/** Gaussian around the middle of every frame; steps beyond the sound count as 0 (shut, silent). */
function sampleFrames(track: Float32Array, fps: number, frames: number): Float32Array {
  const sigma = SMOOTHING * STEPS_PER_SECOND;
  const reach = Math.ceil(sigma * 2.5);
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
