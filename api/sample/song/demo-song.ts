import { createRandom, type Random } from '../../shared/random';
import { writeWhole } from '../write-whole';
import {
  bass,
  bell,
  hat,
  keys,
  kick,
  pad,
  place,
  SONG_RATE,
  type Stereo,
  snare,
  stereo,
} from './instruments';
import { master } from './mastering';
import { mixInto, reverb } from './reverb';
import {
  BAR,
  BEAT,
  counterMelody,
  type SongSection,
  songBars,
  songNotes,
  songSections,
  thirdBelow,
} from './score';
import { sing } from './singer';

export type DemoSongOptions = {
  /** How long the song is; 24 s (intro, verse, chorus) unless told. */
  seconds?: number;
  /** Another seed, another performance of the same song. */
  seed?: number;
};
export type DemoSong = { seconds: number; sections: SongSection[] };

/** Breath of quiet at the end so that the last note does not break off. */
const FADE = 0.6;

function playDrums(random: Random, seconds: number): { drums: Stereo; kicks: number[] } {
  const drums = stereo(seconds);
  const kicks: number[] = [];
  const [kickSound, snareSound] = [kick(), snare(random)];
  const [closed, open, crash] = [hat(random, 60), hat(random, 14), hat(random, 3)];
  for (const { start, section, last } of songBars(seconds)) {
    const chorus = section.name === 'chorus';
    if (chorus && Math.abs(start - section.start) < 0.01) place(drums, crash, start, 0.3, 0.2);
    if (section.name === 'intro' && start < BAR) continue;
    const hits = last ? [0] : chorus ? [0, 1.5, 2, 3.5] : [0, 2.5];
    for (const beat of hits) {
      place(drums, kickSound, start + beat * BEAT, 0.75);
      kicks.push(start + beat * BEAT);
    }
    if (last) continue;
    if (section.name !== 'intro')
      for (const beat of [1, 3]) place(drums, snareSound, start + beat * BEAT, chorus ? 0.42 : 0.32, 0.05);
    for (let eighth = 0; eighth < 8; eighth += 1) {
      const sound = eighth === 7 && chorus ? open : closed;
      const swing = eighth % 2 === 1 ? 0.02 : 0;
      place(
        drums,
        sound,
        start + (eighth * BEAT) / 2 + swing,
        random.between(0.13, 0.19) * (eighth % 2 ? 0.7 : 1),
        0.25,
      );
    }
  }
  return { drums, kicks };
}

function playHarmony(random: Random, seconds: number): { low: Stereo; high: Stereo } {
  const [low, high] = [stereo(seconds), stereo(seconds)];
  for (const { start, section, chord, last } of songBars(seconds)) {
    const chorus = section.name === 'chorus';
    chord.notes.forEach((note, i) => {
      place(high, pad(note, BAR, chorus ? 2200 : 1100, random), start, 0.26, i % 2 ? 0.6 : -0.6);
    });
    const pattern = [0, 1, 2, 3, 2, 1, 3, 2];
    const strikes = last ? [0] : pattern.map((_, i) => i);
    for (const eighth of strikes) {
      const note = (chord.notes[pattern[eighth] ?? 0] ?? 60) + 12;
      const velocity = random.between(0.55, 0.8) * (eighth % 4 === 0 ? 1.15 : 1);
      place(
        high,
        keys(note, last ? BAR : BEAT / 2, velocity),
        start + (eighth * BEAT) / 2,
        0.15,
        Math.sin(eighth * 2) * 0.4,
      );
    }
    if (section.name === 'intro' && start < BAR) continue;
    const line = last
      ? [[0, 4]]
      : chorus
        ? [
            [0, 0.9],
            [1, 0.4],
            [1.5, 0.9],
            [2.5, 0.45],
            [3, 0.45],
            [3.5, 0.45],
          ]
        : [
            [0, 1.4],
            [1.5, 0.9],
            [2.5, 1.4],
          ];
    for (const [beat = 0, beats = 1] of line)
      place(low, bass(chord.bass - 12 + (chord.bass < 45 ? 12 : 0), beats * BEAT), start + beat * BEAT, 0.42);
  }
  for (const { start, name } of songSections(seconds))
    if (name === 'intro')
      for (const [midi, beat, beats] of counterMelody) {
        const at = start + beat * BEAT;
        const sound = bell(midi, beats * BEAT);
        place(high, sound, at, 0.2, -0.2);
        for (const [echo, gain] of [
          [0.75, 0.08],
          [1.5, 0.035],
        ] as const)
          place(high, sound, at + echo * BEAT, gain, 0.5);
      }
  return { low, high };
}

/** Lets the music step back for a moment at every kick, so that both are heard. */
function duck(sound: Stereo, kicks: readonly number[], depth: number): void {
  for (const at of kicks) {
    const start = Math.round(at * SONG_RATE);
    const length = Math.min(Math.round(0.22 * SONG_RATE), sound.left.length - start);
    for (let i = 0; i < length; i += 1) {
      const gain = 1 - depth * Math.min(1, i / 200) * (1 - i / (0.22 * SONG_RATE)) ** 2;
      sound.left[start + i] = (sound.left[start + i] ?? 0) * gain;
      sound.right[start + i] = (sound.right[start + i] ?? 0) * gain;
    }
  }
}

/** The singer alone, mono at SONG_RATE, peaks about ±1: what a perfect separation would give. */
export function singDemoVocal(options: DemoSongOptions = {}): Float32Array {
  const { seconds = 24, seed = 1 } = options;
  return sing(songNotes(seconds), { sampleRate: SONG_RATE, seconds, random: createRandom(seed) }).samples;
}

/** Everything but the singer, unmastered. */
export function playDemoBacking(options: DemoSongOptions = {}): Stereo {
  const { seconds = 24, seed = 1 } = options;
  const random = createRandom(seed + 1);
  const { drums, kicks } = playDrums(random, seconds);
  const { low, high } = playHarmony(random, seconds);
  duck(low, kicks, 0.5);
  duck(high, kicks, 0.3);
  mixInto(high, reverb(high, 0.76), 0.22);
  mixInto(drums, low, 1);
  mixInto(drums, high, 0.85);
  return drums;
}

function fadeOut(sound: Stereo): void {
  const length = Math.min(Math.round(FADE * SONG_RATE), sound.left.length);
  for (let i = 0; i < length; i += 1) {
    const at = sound.left.length - 1 - i;
    const gain = Math.sin(((i / length) * Math.PI) / 2);
    sound.left[at] = (sound.left[at] ?? 0) * gain;
    sound.right[at] = (sound.right[at] ?? 0) * gain;
  }
}

/** The whole song, mastered to -14 LUFS. Deterministic for its options. */
export function renderDemoSong(options: DemoSongOptions = {}): Stereo {
  const { seconds = 24, seed = 1 } = options;
  const mix = playDemoBacking(options);
  const voices = stereo(seconds);
  place(voices, singDemoVocal(options), 0, 0.5);
  const chorus = songSections(seconds).filter((s) => s.name === 'chorus');
  const second = songNotes(seconds)
    .filter((note) => chorus.some((s) => note.start >= s.start && note.start < s.end))
    .map((note) => ({ ...note, midi: thirdBelow(note.midi), start: note.start + 0.012 }));
  if (second.length > 0) {
    const harmony = sing(second, {
      sampleRate: SONG_RATE,
      seconds,
      random: createRandom(seed + 2),
      throat: 0.95,
    });
    place(voices, harmony.samples, 0, 0.11, -0.45);
    place(voices, harmony.samples, 0.017, 0.09, 0.45);
  }
  mixInto(mix, voices, 1);
  mixInto(mix, reverb(voices, 0.8), 0.2);
  fadeOut(mix);
  return master(mix);
}

/** 16-bit PCM WAV, little-endian, two channels at SONG_RATE. */
function waveFile({ left, right }: Stereo): Uint8Array {
  const bytes = new Uint8Array(44 + left.length * 4);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
  text(0, 'RIFF');
  view.setUint32(4, 36 + left.length * 4, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 2, true);
  view.setUint32(24, SONG_RATE, true);
  view.setUint32(28, SONG_RATE * 4, true);
  view.setUint16(32, 4, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, left.length * 4, true);
  const clip = (s: number) => Math.round(Math.max(-1, Math.min(1, s)) * 32767);
  for (let i = 0; i < left.length; i += 1) {
    view.setInt16(44 + i * 4, clip(left[i] ?? 0), true);
    view.setInt16(46 + i * 4, clip(right[i] ?? 0), true);
  }
  return bytes;
}

/** Writes the demo's song as a 48 kHz 16-bit stereo WAV. Nothing in it comes from anybody else. */
export async function writeDemoSong(path: string, options: DemoSongOptions = {}): Promise<DemoSong> {
  const { seconds = 24 } = options;
  await writeWhole(path, waveFile(renderDemoSong(options)));
  return { seconds, sections: songSections(seconds) };
}

/** Writes the lead voice alone, in time with the song, as the same kind of WAV. */
export async function writeDemoVocal(path: string, options: DemoSongOptions = {}): Promise<DemoSong> {
  const { seconds = 24 } = options;
  const voice = singDemoVocal(options).map((s) => s * 0.7);
  await writeWhole(path, waveFile({ left: voice, right: voice }));
  return { seconds, sections: songSections(seconds) };
}
