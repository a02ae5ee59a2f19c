/** How a phone is sung. Formants in Hz; seconds is how long a consonant takes (vowels fill the note). */
export type SungPhone = {
  formants: readonly [number, number, number];
  seconds: number;
  /** Strength of the voice, of breath through the mouth's shape, and of friction at `friction` Hz. */
  voice: number;
  breath: number;
  hiss: number;
  friction: readonly [centre: number, bandwidth: number];
  nasal: boolean;
};

/** Vowels: women's means of Hillenbrand et al. 1995, "Acoustic characteristics of American English vowels". */
const vowels: Record<string, readonly [number, number, number]> = {
  ɑ: [936, 1551, 2815],
  a: [900, 1600, 2850],
  æ: [669, 2349, 2972],
  ɛ: [731, 2058, 2979],
  e: [536, 2530, 3047],
  i: [437, 2761, 3372],
  ɪ: [483, 2365, 3053],
  ɔ: [781, 1136, 2824],
  o: [555, 1035, 2828],
  ʊ: [519, 1225, 2827],
  u: [459, 1105, 2735],
  ʌ: [753, 1426, 2933],
  ə: [600, 1500, 2850],
};

type Consonant = [
  formants: [number, number, number],
  seconds: number,
  voice: number,
  breath: number,
  hiss: number,
  friction: [number, number],
];
const none: [number, number] = [4000, 2000];
/** Consonants: loci and durations as in Klatt 1980, "Software for a cascade/parallel formant synthesizer". */
const consonants: Record<string, Consonant> = {
  m: [[290, 1050, 2300], 0.095, 0.42, 0, 0, none],
  n: [[300, 1600, 2600], 0.08, 0.42, 0, 0, none],
  ŋ: [[300, 2000, 2700], 0.09, 0.4, 0, 0, none],
  l: [[380, 1150, 2900], 0.08, 0.62, 0, 0, none],
  ɹ: [[400, 1250, 1800], 0.085, 0.6, 0, 0, none],
  w: [[340, 720, 2500], 0.085, 0.6, 0, 0, none],
  j: [[320, 2700, 3300], 0.08, 0.6, 0, 0, none],
  b: [[250, 900, 2300], 0.075, 0.12, 0, 0.1, [900, 900]],
  d: [[250, 1800, 2800], 0.065, 0.12, 0, 0.25, [4200, 2200]],
  ɡ: [[250, 2000, 2500], 0.07, 0.12, 0, 0.2, [2200, 1000]],
  p: [[300, 900, 2300], 0.095, 0, 0, 0.2, [1100, 1200]],
  t: [[300, 1800, 2800], 0.085, 0, 0, 0.4, [5200, 2600]],
  k: [[300, 2000, 2500], 0.09, 0, 0, 0.35, [2300, 1100]],
  s: [[400, 1700, 2800], 0.11, 0, 0, 0.4, [6800, 2400]],
  z: [[320, 1700, 2800], 0.09, 0.3, 0, 0.22, [6600, 2400]],
  ʃ: [[380, 1900, 2700], 0.12, 0, 0, 0.45, [3600, 1700]],
  f: [[350, 1100, 2400], 0.1, 0, 0, 0.12, [5000, 6000]],
  v: [[320, 1100, 2400], 0.075, 0.35, 0, 0.06, [5000, 6000]],
  ð: [[330, 1500, 2700], 0.06, 0.4, 0, 0.04, [5500, 5000]],
  h: [[600, 1500, 2800], 0.08, 0, 0.5, 0, none],
};

export const isVowel = (ipa: string) => vowels[ipa] !== undefined;
/** Stops: silence (or a hum through closed lips), then a burst. */
export const isStop = (ipa: string) => 'bdɡptk'.includes(ipa);

/** @throws when the score names a phone that can't be sung */
export function sungPhone(ipa: string): SungPhone {
  const vowel = vowels[ipa];
  if (vowel)
    return { formants: vowel, seconds: 0.12, voice: 1, breath: 0.03, hiss: 0, friction: none, nasal: false };
  const consonant = consonants[ipa];
  if (!consonant) throw new Error(`The singer has no phone "${ipa}"; add it to phones.ts`);
  const [formants, seconds, voice, breath, hiss, friction] = consonant;
  return { formants, seconds, voice, breath, hiss, friction, nasal: 'mnŋ'.includes(ipa) };
}
