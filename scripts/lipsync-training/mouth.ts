import type { Phone } from './espeak';

/**
 * What the lips do in each phone: [inner opening 0..1, width -1..1, grip on the opening, grip on the
 * width]. The classes are the usual viseme tables (MPEG-4 ISO/IEC 14496-2 annex C; the 22 visemes of
 * Microsoft's speech API); the openings are those between the lips, not those of the jaw: spread i and s show an open slit although
 * the teeth are close, rounded u o w ʃ narrow it (Fromkin 1964, "Lip positions in American English
 * vowels"; Westbury, Severson & Hashi 1999, "Lip laws for consonants"). Rounding follows the vowels'
 * place on the IPA chart; the grips say how little a phone gives way to its neighbours (Cohen & Massaro 1993,
 * "Modeling coarticulation in synthetic visual speech"): lips rule p b m f v w u, the tongue makes
 * t d n k g and leaves the lips to the vowels.
 */
const SHAPES: Record<string, readonly [number, number, number, number]> = {};
const shape = (phones: string, ...values: [number, number, number, number]) => {
  for (const phone of phones.split(' ')) SHAPES[phone] = values;
};
shape('a ɐ', 0.95, 0.25, 1, 0.7);
shape('ɑ', 0.9, 0, 1, 0.7);
shape('æ', 0.9, 0.5, 1, 0.8);
shape('ʌ', 0.7, 0.1, 0.9, 0.6);
shape('ɒ', 0.65, -0.4, 1, 0.9);
shape('ɛ', 0.72, 0.5, 0.9, 0.8);
shape('e', 0.6, 0.6, 0.9, 0.8);
shape('ə ɜ ɚ', 0.5, 0, 0.6, 0.4);
shape('ɔ', 0.55, -0.6, 1, 1.1);
shape('o', 0.38, -0.8, 1, 1.2);
shape('ʊ', 0.35, -0.7, 0.9, 1);
shape('u', 0.2, -1, 1, 1.4);
shape('i', 0.5, 1, 0.9, 1);
shape('ɪ ɨ', 0.52, 0.55, 0.8, 0.7);
shape('y', 0.2, -0.9, 1, 1.3);
shape('ø', 0.35, -0.75, 0.9, 1.1);
shape('œ', 0.45, -0.55, 0.9, 1);
shape('p b m', 0, 0, 3.5, 0.3);
shape('f v', 0.12, 0.1, 2, 0.5);
shape('w ʍ', 0.1, -1, 1.6, 1.5);
shape('β', 0.1, 0, 1.5, 0.3);
shape('ɹ', 0.3, -0.45, 0.8, 0.8);
shape('ʃ ʒ', 0.35, -0.55, 1, 1);
shape('s z', 0.42, 0.35, 0.8, 0.5);
shape('θ ð', 0.42, 0.15, 0.7, 0.4);
shape('t d n ɾ r l ʎ ɲ ɫ', 0.45, 0.15, 0.45, 0.3);
shape('k g ɡ ŋ x ɣ χ ʁ h ç q ɴ', 0.48, 0.05, 0.3, 0.15);
shape('j', 0.45, 0.7, 0.7, 0.7);
/** In pauses the training asks for what the lips do between syllables; when to shut them is the engine's to say. */
const REST: readonly [number, number, number, number] = [0.45, 0, 0.6, 0.4];

/** The mouth every 10 ms. */
export type MouthTrack = {
  aperture: Float32Array;
  width: Float32Array;
  closed: Float32Array;
  voiced: Float32Array;
};
type Segment = {
  from: number;
  to: number;
  shape: readonly [number, number, number, number];
  lips: boolean;
  silent: boolean;
};

/** A phone's letters one after another: diphthongs and affricates move from one shape to the next. */
function segments(phones: readonly Phone[], rate: number, seconds: number): Segment[] {
  return phones.flatMap((phone, i): Segment[] => {
    const from = phone.start / rate;
    const to = Math.max(from, (phones[i + 1]?.start ?? seconds * rate) / rate);
    const letters = [...phone.ipa].filter((letter) => SHAPES[letter] !== undefined);
    if (letters.length === 0) return [{ from, to, shape: REST, lips: false, silent: true }];
    const each = (to - from) / letters.length;
    return letters.map((letter, k) => ({
      from: from + k * each,
      to: from + (k + 1) * each,
      shape: SHAPES[letter] ?? REST,
      lips: 'pbm'.includes(letter),
      silent: false,
    }));
  });
}

/** How fast a phone's grip fades before it starts (lips anticipate) and after it ends, in seconds. */
const ANTICIPATION = 0.065;
const CARRY_OVER = 0.055;

/** The track of the lips for timed phones: overlapping grips, then closures forced shut. */
export function trackMouth(phones: readonly Phone[], rate: number, seconds: number): MouthTrack {
  const steps = Math.ceil(seconds * 100);
  const track = {
    aperture: new Float32Array(steps),
    width: new Float32Array(steps),
    closed: new Float32Array(steps),
    voiced: new Float32Array(steps),
  };
  const all = segments(phones, rate, seconds);
  for (let step = 0; step < steps; step += 1) {
    const t = step / 100;
    let [a, aw, w, ww, closed, voiced] = [REST[0] * 0.02, 0.02, 0, 0.02, 0, 0];
    for (const s of all) {
      const margin = (s.to - s.from) * 0.25;
      const distance = Math.max(s.from + margin - t, t - s.to + margin, 0);
      if (distance > 0.35) continue;
      const grip = Math.exp(-distance / (t < s.from + margin ? ANTICIPATION : CARRY_OVER));
      // A long pause counts more than a short one.
      const ga = grip * s.shape[2] * (s.silent ? Math.min(1, (s.to - s.from) / 0.15) : 1);
      const gw = grip * s.shape[3];
      a += ga * s.shape[0];
      aw += ga;
      w += gw * s.shape[1];
      ww += gw;
      const outside = Math.max(s.from - t, t - s.to, 0);
      if (s.lips) closed = Math.max(closed, 1 - outside / 0.03);
      if (!s.silent) voiced = Math.max(voiced, 1 - outside / 0.05);
    }
    track.closed[step] = closed;
    track.voiced[step] = voiced;
    track.aperture[step] = (a / aw) * (1 - closed);
    track.width[step] = w / ww;
  }
  return track;
}
