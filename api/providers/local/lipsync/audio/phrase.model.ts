import { smoothstep } from '../../../../shared/numbers';
import { STEPS_PER_SECOND } from './spectrum.dsp';

/** A stretch of voice: from this step to before that one. */
export type Phrase = { from: number; to: number };

const steps = (seconds: number) => Math.round(seconds * STEPS_PER_SECOND);

/** Shorter gaps are the silences inside consonants (p t k hold for up to 100 ms): the phrase goes on. */
const SHORTEST_PAUSE = steps(0.1);
/** A lone burst of "voice" shorter than this is a drum or a pluck; the shortest word is about as long. */
const SHORTEST_PHRASE = steps(0.16);
/** One step says no more than this of a voice (log odds): neighbouring steps hear the same sound. */
const MOST_CERTAIN = 4;
/**
 * What beginning and ending a phrase costs together, in log odds: fifteen surest steps. With it and the
 * bias below, 2% of music kept back from training passes for a voice, and a tenth of all voices over
 * music is missed.
 */
const PASSAGE_COST = 60;

/**
 * The likeliest course of voice and no voice (Viterbi's algorithm over two states): an uncertain voice
 * must last to be believed, a certain one may be short, and no single step changes anything.
 * @param probability of a voice at every step
 * @param bias log odds that a voice must exceed in the long run
 */
export function followVoice(probability: Float32Array, bias: number): Uint8Array {
  const cost = PASSAGE_COST / 2;
  const came = new Uint8Array(probability.length * 2);
  let [silent, sounding] = [0, Number.NEGATIVE_INFINITY];
  probability.forEach((p, step) => {
    const odds = Math.log(Math.max(1e-4, p) / Math.max(1e-4, 1 - p)) - bias;
    const gain = Math.min(MOST_CERTAIN, Math.max(-MOST_CERTAIN, odds));
    const [stop, start] = [sounding - cost, silent - cost];
    came[step * 2] = stop > silent ? 1 : 0;
    came[step * 2 + 1] = start > sounding ? 0 : 1;
    [silent, sounding] = [Math.max(silent, stop), Math.max(sounding, start) + gain];
  });
  const voice = new Uint8Array(probability.length);
  let state = sounding - cost > silent ? 1 : 0;
  for (let step = probability.length - 1; step >= 0; step -= 1) {
    voice[step] = state;
    state = came[step * 2 + state] ?? 0;
  }
  return voice;
}

/** Finds the stretches in which a voice is both believed in and audible. */
export function findPhrases(voice: Uint8Array, audible: readonly boolean[]): Phrase[] {
  const phrases: Phrase[] = [];
  let from = -1;
  for (let step = 0; step <= voice.length; step += 1) {
    const heard = voice[step] === 1 && audible[step] === true;
    if (heard && from < 0) from = step;
    if (heard || from < 0) continue;
    const last = phrases.at(-1);
    if (last && from - last.to < SHORTEST_PAUSE) last.to = step;
    else phrases.push({ from, to: step });
    from = -1;
  }
  return phrases.filter((phrase) => phrase.to - phrase.from >= SHORTEST_PHRASE);
}

/** Pauses up to this long are for breathing; in longer ones the mouth shuts. */
const LONGEST_BREATH = steps(0.9);
/** Lips part and meet before and after a phrase in this time. */
const PREPARATION = steps(0.2);
/** Passing over between speech and what the mouth does in a pause. */
const PASSING = steps(0.06);
/** In a pause too short for a breath the lips stay nearly as between two syllables. */
const BETWEEN_PHRASES = 0.3;
/**
 * Breath is drawn through an open mouth. As wide as the speaker on the clip at hand draws it (.75), a mouth
 * moves against the voice that is heard; with this it goes with it, pauses included.
 */
const BREATH = 0.42;
/** Pauses without a breath are mostly shorter than the first, those with one longer than the second. */
const BREATHLESS_PAUSE = steps(0.2);
const BREATH_PAUSE = steps(0.45);

/**
 * Puts the openings of speech into the phrases and fills what lies between them. Speakers and singers
 * draw breath through the open mouth in the pause before a phrase (Winkworth et al. 1995, "Breathing
 * patterns during spontaneous speech"), so in a short pause the lips part instead of shutting; in
 * shorter ones they stay as they are between syllables. Elsewhere they are shut, and part shortly
 * before a phrase.
 * @param speech opening at every step if a voice were there
 */
export function openInPhrases(speech: Float32Array, phrases: readonly Phrase[]): Float32Array {
  const open = new Float32Array(speech.length);
  phrases.forEach(({ from, to }, index) => {
    open.set(speech.subarray(from, to), from);
    const next = phrases[index + 1];
    const pause = next ? next.from - to : Number.POSITIVE_INFINITY;
    if (next && pause <= LONGEST_BREATH) {
      const depth = smoothstep(BREATHLESS_PAUSE, BREATH_PAUSE, pause);
      const held = BETWEEN_PHRASES + (BREATH - BETWEEN_PHRASES) * depth;
      for (let i = to; i < next.from; i += 1) {
        const share = smoothstep(0, PASSING, Math.min(i - to + 1, next.from - i));
        open[i] = (speech[i] ?? 0) * (1 - share) + held * share;
      }
    } else {
      for (let i = to; i < Math.min(open.length, to + PREPARATION); i += 1)
        open[i] = (speech[i] ?? 0) * (1 - smoothstep(0, PREPARATION, i - to));
    }
    const before = phrases[index - 1];
    if (before && from - before.to <= LONGEST_BREATH) return;
    for (let i = Math.max(0, from - PREPARATION); i < from; i += 1)
      open[i] = Math.max(open[i] ?? 0, BETWEEN_PHRASES * smoothstep(0, PREPARATION, i - from + PREPARATION));
  });
  return open;
}
