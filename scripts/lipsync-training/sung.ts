import { type SungNote, sing } from '../../api/sample/song/singer';
import type { Random } from '../../api/shared/random';
import type { Phone } from './espeak';

const RATE = 16_000;
const onsets = [
  'm',
  'n',
  'l',
  'ɹ',
  'w',
  'j',
  'b',
  'd',
  'ɡ',
  'p',
  't',
  'k',
  's',
  'z',
  'ʃ',
  'f',
  'v',
  'ð',
  'h',
  'b l',
  'b ɹ',
  's k',
  's t',
  'f l',
] as const;
const hearts = [
  'ɑ',
  'a',
  'æ',
  'ɛ',
  'e',
  'i',
  'ɪ',
  'ɔ',
  'o',
  'ʊ',
  'u',
  'ʌ',
  'ə',
  'a ɪ',
  'o ʊ',
  'e ɪ',
  'a ʊ',
  'ɔ ɪ',
] as const;
const codas = ['m', 'n', 'ŋ', 'l', 'ɹ', 'b', 'd', 't', 'k', 'p', 's', 'z', 'v'] as const;
const steps = [-5, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7] as const;

/** A made-up melody on made-up syllables, by a throat, range and vibrato of its own. */
export function singTake(random: Random, seconds: number): { samples: Float32Array; phones: Phone[] } {
  const throat = random.between(0.78, 1.15);
  const home = 50 + (throat - 0.78) * 50 + random.between(-5, 6);
  const notes: SungNote[] = [];
  const pace = random.between(0.18, 0.6);
  let at = random.between(0.1, 1);
  let midi = home;
  while (at < seconds) {
    const length = pace * random.pick([0.7, 1, 1, 1.5, 2.5]);
    const onset = random.chance(0.85) ? [random.pick(onsets)] : [];
    const coda = random.chance(0.35) ? [random.pick(codas)] : [];
    midi += random.pick(steps);
    if (Math.abs(midi - home) > 9) midi = home;
    notes.push({
      start: at,
      seconds: length * 0.97,
      midi,
      syllable: [...onset, random.pick(hearts), ...coda].join(' '),
    });
    at += length + (random.chance(0.15) ? random.between(0.2, 1.3) : 0);
  }
  const sung = sing(notes, {
    sampleRate: RATE,
    seconds,
    random,
    throat,
    vibrato: random.chance(0.7) ? random.between(0.1, 0.6) : 0,
  });
  const phones = sung.phones.map((p) => ({ ipa: p.ipa, start: p.start * RATE }));
  return { samples: sung.samples, phones: [{ ipa: '', start: 0 }, ...phones] };
}
