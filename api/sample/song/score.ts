import type { SungNote } from './singer';

/** 100 beats a minute: a bar of four beats is 2.4 s, ten bars are 24 s. */
export const BEAT = 0.6;
export const BAR = BEAT * 4;
export type SectionName = 'intro' | 'verse' | 'chorus';
export type SongSection = { name: SectionName; start: number; end: number; hasVoice: boolean };
export type Chord = { bass: number; notes: readonly number[] };

const Am: Chord = { bass: 45, notes: [57, 60, 64, 71] };
const F: Chord = { bass: 41, notes: [57, 60, 65, 67] };
const C: Chord = { bass: 48, notes: [55, 60, 64, 67] };
const G: Chord = { bass: 43, notes: [55, 59, 62, 69] };
const Dm: Chord = { bass: 50, notes: [57, 62, 65, 69] };
/** Two bars of intro, then verse and chorus of four bars each, round and round. */
const chords: Record<SectionName, readonly Chord[]> = {
  intro: [Am, F],
  verse: [Am, F, C, G],
  chorus: [F, G, C, Am],
};
const lastTime: readonly Chord[] = [F, G, Dm, C];

type Line = readonly (readonly [syllable: string, midi: number, beat: number, beats: number])[];
/** Words of our own: "Moonlight over me, bring my love to me; blue sky, open wide, sing me home." */
const verse: readonly Line[] = [
  [
    ['m u n', 69, 0, 1],
    ['l a ɪ t', 72, 1, 0.5],
    ['o ʊ', 71, 1.5, 1],
    ['v ə', 69, 2.5, 0.5],
    ['m i', 67, 3, 0.8],
  ],
  [
    ['b ɹ ɪ ŋ', 65, 0, 0.5],
    ['m a ɪ', 67, 0.5, 0.5],
    ['l ʌ v', 69, 1, 1.4],
    ['t u', 67, 2.5, 0.5],
    ['m i', 65, 3, 0.8],
  ],
  [
    ['b l u', 67, 0, 1],
    ['s k a ɪ', 72, 1, 1.4],
    ['o ʊ', 71, 2.5, 0.5],
    ['p ə n', 69, 3, 0.5],
    ['w a ɪ d', 71, 3.5, 1],
  ],
  [
    ['s ɪ ŋ', 71, 1, 0.5],
    ['m i', 69, 1.5, 0.5],
    ['h o ʊ m', 67, 2, 1.7],
  ],
];
/** "Oh, we are alive, and the moon above; mama, take me home, home." */
const chorus: readonly Line[] = [
  [
    ['o ʊ', 72, 0, 1.4],
    ['w i', 72, 1.5, 0.5],
    ['ɑ ɹ', 74, 2, 0.5],
    ['ə', 72, 2.5, 0.5],
    ['l a ɪ v', 69, 3, 1.2],
  ],
  [
    ['æ n d', 69, 0.5, 0.5],
    ['ð ə', 71, 1, 0.5],
    ['m u n', 74, 1.5, 1],
    ['ə', 72, 2.5, 0.5],
    ['b ʌ v', 71, 3, 1],
  ],
  [
    ['m ɑ', 72, 0, 0.5],
    ['m ɑ', 76, 0.5, 1.4],
    ['t e ɪ k', 74, 2, 0.5],
    ['m i', 72, 2.5, 0.5],
    ['h o ʊ m', 71, 3, 1],
  ],
  [['h o ʊ m', 72, 0.5, 2.8]],
];
export const counterMelody: readonly (readonly [midi: number, beat: number, beats: number])[] = [
  [76, 0, 1.5],
  [72, 1.5, 0.5],
  [74, 2, 1],
  [71, 3, 1],
  [69, 4, 1.5],
  [72, 5.5, 0.5],
  [67, 6, 2],
];

/** The form of a song of this length; the last section may be cut. */
export function songSections(seconds: number): SongSection[] {
  const sections: SongSection[] = [];
  const form: SectionName[] = ['verse', 'chorus'];
  let start = 0;
  for (let i = 0; start < seconds; i += 1) {
    const name = i === 0 ? 'intro' : (form[(i - 1) % 2] ?? 'verse');
    const end = Math.min(seconds, start + (name === 'intro' ? 2 : 4) * BAR);
    sections.push({ name, start, end, hasVoice: name !== 'intro' });
    start = end;
  }
  return sections;
}

/** The chord of each bar with its section. */
export function songBars(
  seconds: number,
): { start: number; section: SongSection; chord: Chord; last: boolean }[] {
  const sections = songSections(seconds);
  return sections.flatMap((section, s) => {
    const bars = Math.ceil((section.end - section.start) / BAR - 1e-6);
    const list = s === sections.length - 1 && section.name === 'chorus' ? lastTime : chords[section.name];
    return Array.from({ length: bars }, (_, bar) => ({
      start: section.start + bar * BAR,
      section,
      chord: list[bar % list.length] ?? C,
      last: s === sections.length - 1 && bar === bars - 1,
    }));
  });
}

/** What is sung, in seconds. */
export function songNotes(seconds: number): SungNote[] {
  return songSections(seconds).flatMap((section) => {
    if (!section.hasVoice) return [];
    const lines = section.name === 'verse' ? verse : chorus;
    return lines.flatMap((line, bar) =>
      line.map(([syllable, midi, beat, beats]) => ({
        syllable,
        midi,
        start: section.start + bar * BAR + beat * BEAT,
        seconds: beats * BEAT * 0.96,
      })),
    );
  });
}

/** The second voice of the chorus: the chord's scale a third below, in C major. */
export function thirdBelow(midi: number): number {
  const down: Record<number, number> = { 0: 3, 2: 3, 4: 4, 5: 3, 7: 3, 9: 4, 11: 4 };
  return midi - (down[midi % 12] ?? 4);
}
