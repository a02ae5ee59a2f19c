import { wavHeader } from '../../../media/wav';
import { createRandom, type Random } from '../../../shared/random';

const RATE = 12_000;

/** How a part of a song sounds: levels 0..1 and its chords, in semitones above the key's A. */
type Part = {
  chords: readonly (readonly number[])[];
  drums: number;
  bass: number;
  pad: number;
  /** Harmonics of the pad: more are brighter. */
  bright: number;
  voice: number;
};
export type TestSong = {
  seed: number;
  bpm: number;
  /** Semitones. */
  key: number;
  parts: Record<string, Part>;
  form: readonly (readonly [part: string, bars: number])[];
  /** Seconds before the first bar. */
  offset?: number;
  /** Amplitude of noise over all. */
  noise?: number;
};

const major = (root: number) => [root, root + 4, root + 7];
const minor = (root: number) => [root, root + 3, root + 7];
const part = (chords: Part['chords'], levels: Omit<Part, 'chords'>): Part => {
  const { drums, bass, pad, bright, voice } = levels;
  return { chords, drums, bass, pad, bright, voice };
};
const axis = [major(3), major(10), minor(0), major(8)];
const minorLoop = [minor(0), major(8), major(3), major(10)];
const turns = [minor(5), major(10), major(3), minor(0)];
const plain = [major(3), major(8), major(10), major(8)];
const slow = [minor(0), minor(0), minor(5), minor(5)];
const far = [major(1), major(6), major(11), minor(8)];

/** Songs that the thresholds were chosen with. */
export const tuning: TestSong[] = [
  {
    seed: 1,
    bpm: 120,
    key: 0,
    parts: {
      intro: part(minorLoop, { drums: 0, bass: 0, pad: 0.4, bright: 3, voice: 0 }),
      verse: part(minorLoop, { drums: 0.5, bass: 0.5, pad: 0.25, bright: 3, voice: 0.5 }),
      chorus: part(axis, { drums: 0.9, bass: 0.8, pad: 0.6, bright: 7, voice: 0.7 }),
      bridge: part(far, { drums: 0.2, bass: 0.5, pad: 0.5, bright: 2, voice: 0.5 }),
      outro: part(slow, { drums: 0, bass: 0.3, pad: 0.3, bright: 2, voice: 0 }),
    },
    form: [
      ['intro', 4],
      ['verse', 8],
      ['chorus', 8],
      ['verse', 8],
      ['chorus', 8],
      ['bridge', 8],
      ['chorus', 8],
      ['outro', 4],
    ],
  },
  {
    seed: 2,
    bpm: 92,
    key: 5,
    noise: 0.01,
    parts: {
      intro: part(plain, { drums: 0.4, bass: 0, pad: 0.3, bright: 2, voice: 0 }),
      verse: part(plain, { drums: 0.6, bass: 0.5, pad: 0.2, bright: 2, voice: 0.4 }),
      // The same chords: only the sound tells them apart.
      chorus: part(plain, { drums: 0.8, bass: 0.7, pad: 0.6, bright: 6, voice: 0.6 }),
    },
    form: [
      ['intro', 4],
      ['verse', 8],
      ['chorus', 4],
      ['verse', 8],
      ['chorus', 8],
    ],
  },
  {
    seed: 3,
    bpm: 140,
    key: -3,
    offset: 0.4,
    parts: {
      // Nothing comes back.
      one: part(minorLoop, { drums: 0.5, bass: 0.5, pad: 0.3, bright: 3, voice: 0.4 }),
      two: part(far, { drums: 0.2, bass: 0.4, pad: 0.5, bright: 6, voice: 0 }),
      three: part(turns, { drums: 0.9, bass: 0.8, pad: 0.2, bright: 2, voice: 0.6 }),
    },
    form: [
      ['one', 8],
      ['two', 8],
      ['three', 8],
    ],
  },
  {
    seed: 12,
    bpm: 132,
    key: -5,
    parts: {
      intro: part(axis, { drums: 0.5, bass: 0, pad: 0.2, bright: 2, voice: 0 }),
      verse: part(axis, { drums: 0.6, bass: 0.6, pad: 0.2, bright: 3, voice: 0.5 }),
      prechorus: part(turns, { drums: 0.3, bass: 0.6, pad: 0.4, bright: 5, voice: 0.5 }),
      chorus: part(axis, { drums: 0.9, bass: 0.8, pad: 0.6, bright: 7, voice: 0.7 }),
    },
    form: [
      ['intro', 8],
      ['verse', 8],
      ['prechorus', 4],
      ['chorus', 8],
      ['verse', 8],
      ['prechorus', 4],
      ['chorus', 8],
    ],
  },
  {
    seed: 14,
    bpm: 116,
    key: 1,
    parts: {
      // Two parts as loud as each other: which is the chorus can't be heard.
      left: part(minorLoop, { drums: 0.6, bass: 0.6, pad: 0.6, bright: 3, voice: 0 }),
      right: part(far, { drums: 0.6, bass: 0.6, pad: 0.6, bright: 3, voice: 0 }),
    },
    form: [
      ['left', 8],
      ['right', 8],
      ['left', 8],
      ['right', 8],
    ],
  },
  {
    seed: 21,
    bpm: 86,
    key: 3,
    noise: 0.008,
    parts: {
      intro: part(slow, { drums: 0, bass: 0, pad: 0.5, bright: 4, voice: 0 }),
      verse: part(slow, { drums: 0.4, bass: 0.4, pad: 0.3, bright: 2, voice: 0.4 }),
      prechorus: part(plain, { drums: 0.2, bass: 0.5, pad: 0.5, bright: 4, voice: 0.5 }),
      chorus: part(axis, { drums: 0.9, bass: 0.7, pad: 0.6, bright: 6, voice: 0.7 }),
    },
    form: [
      ['intro', 4],
      ['verse', 8],
      ['prechorus', 4],
      ['chorus', 8],
      ['verse', 4],
      ['prechorus', 4],
      ['chorus', 8],
    ],
  },
  {
    seed: 22,
    bpm: 124,
    key: -2,
    offset: 0.6,
    parts: {
      left: part(plain, { drums: 0.7, bass: 0.6, pad: 0.5, bright: 4, voice: 0 }),
      right: part(turns, { drums: 0.7, bass: 0.6, pad: 0.5, bright: 4, voice: 0 }),
    },
    form: [
      ['left', 8],
      ['right', 8],
      ['left', 8],
      ['right', 8],
      ['left', 8],
    ],
  },
];

/** Songs that the result is judged with; no threshold has seen them. */
export const judging: TestSong[] = [
  {
    seed: 11,
    bpm: 104,
    key: 2,
    noise: 0.006,
    offset: 0.25,
    parts: {
      intro: part(turns, { drums: 0.2, bass: 0.2, pad: 0.4, bright: 4, voice: 0 }),
      verse: part(turns, { drums: 0.5, bass: 0.6, pad: 0.3, bright: 2, voice: 0.5 }),
      chorus: part(plain, { drums: 0.8, bass: 0.8, pad: 0.5, bright: 8, voice: 0.6 }),
      bridge: part(slow, { drums: 0, bass: 0.3, pad: 0.6, bright: 5, voice: 0.4 }),
      outro: part(turns, { drums: 0, bass: 0, pad: 0.35, bright: 2, voice: 0 }),
    },
    form: [
      ['intro', 4],
      ['verse', 8],
      ['chorus', 8],
      ['verse', 8],
      ['chorus', 8],
      ['bridge', 4],
      ['chorus', 8],
      ['outro', 4],
    ],
  },
  {
    seed: 13,
    bpm: 76,
    key: 4,
    noise: 0.01,
    parts: {
      verse: part(minorLoop, { drums: 0.3, bass: 0.4, pad: 0.3, bright: 2, voice: 0.5 }),
      chorus: part(plain, { drums: 0.6, bass: 0.7, pad: 0.5, bright: 6, voice: 0.6 }),
      outro: part(slow, { drums: 0, bass: 0, pad: 0.3, bright: 2, voice: 0 }),
    },
    form: [
      ['verse', 8],
      ['chorus', 4],
      ['verse', 8],
      ['chorus', 8],
      ['outro', 4],
    ],
  },
  {
    seed: 23,
    bpm: 110,
    key: 6,
    parts: {
      first: part(far, { drums: 0.3, bass: 0.5, pad: 0.4, bright: 3, voice: 0.3 }),
      second: part(axis, { drums: 0.7, bass: 0.3, pad: 0.2, bright: 6, voice: 0.5 }),
      third: part(slow, { drums: 0, bass: 0.6, pad: 0.6, bright: 2, voice: 0.2 }),
    },
    form: [
      ['first', 8],
      ['second', 8],
      ['third', 8],
    ],
  },
  {
    seed: 31,
    bpm: 98,
    key: -4,
    noise: 0.01,
    offset: 0.15,
    parts: {
      intro: part(axis, { drums: 0.3, bass: 0.3, pad: 0.5, bright: 5, voice: 0 }),
      verse: part(minorLoop, { drums: 0.5, bass: 0.5, pad: 0.3, bright: 3, voice: 0.4 }),
      prechorus: part(far, { drums: 0.4, bass: 0.4, pad: 0.5, bright: 4, voice: 0.4 }),
      chorus: part(axis, { drums: 0.8, bass: 0.8, pad: 0.5, bright: 8, voice: 0.6 }),
      bridge: part(turns, { drums: 0.1, bass: 0.4, pad: 0.6, bright: 3, voice: 0.5 }),
    },
    form: [
      ['intro', 4],
      ['verse', 8],
      ['prechorus', 4],
      ['chorus', 8],
      ['verse', 8],
      ['prechorus', 4],
      ['chorus', 8],
      ['bridge', 8],
      ['chorus', 8],
    ],
  },
  {
    seed: 32,
    bpm: 148,
    key: 5,
    parts: {
      verse: part(plain, { drums: 0.5, bass: 0.6, pad: 0.2, bright: 3, voice: 0.4 }),
      chorus: part(plain, { drums: 0.9, bass: 0.8, pad: 0.5, bright: 6, voice: 0.6 }),
      outro: part(slow, { drums: 0, bass: 0, pad: 0.4, bright: 3, voice: 0 }),
    },
    form: [
      ['chorus', 8],
      ['verse', 16],
      ['chorus', 8],
      ['verse', 16],
      ['chorus', 16],
      ['outro', 4],
    ],
  },
];

/** Where each part begins and ends, in seconds. */
export function spansOf(song: TestSong): { part: string; start: number; end: number }[] {
  const bar = 240 / song.bpm;
  let at = song.offset ?? 0;
  return song.form.map(([name, bars]) => {
    const start = at;
    at += bars * bar;
    return { part: name, start, end: at };
  });
}

/** The song as a WAV file and its peaks, a hundred a second. */
export function playSong(song: TestSong): { wav: Uint8Array; peaks: Uint8Array; seconds: number } {
  const random = createRandom(song.seed);
  const seconds = (spansOf(song).at(-1)?.end ?? 0) + 0.5;
  const sound = new Float32Array(Math.round(seconds * RATE));
  const beat = 60 / song.bpm;
  for (const { part: name, start, end } of spansOf(song)) {
    const style = song.parts[name];
    if (style === undefined) continue;
    for (let bar = 0; start + bar * beat * 4 < end - 0.01; bar++) {
      playBar(sound, { random, song, style, start: start + bar * beat * 4, bar });
    }
  }
  for (let at = 0; at < sound.length; at++)
    sound[at] = (sound[at] ?? 0) + (song.noise ?? 0) * random.between(-1, 1);
  const samples = Int16Array.from(sound, (value) => Math.round(20_000 * Math.tanh(value)));
  const header = wavHeader({ channels: 1, sampleRate: RATE, bitsPerSample: 16, samples: samples.length });
  const wav = new Uint8Array(header.length + samples.byteLength);
  wav.set(header);
  wav.set(new Uint8Array(samples.buffer), header.length);
  const peaks = new Uint8Array(Math.ceil(samples.length / (RATE / 100)));
  for (const [at, sample] of samples.entries()) {
    const peak = Math.floor(at / (RATE / 100));
    peaks[peak] = Math.max(peaks[peak] ?? 0, Math.min(255, Math.round(Math.abs(sample) / 128.5)));
  }
  return { wav, peaks, seconds };
}

type Bar = { random: Random; song: TestSong; style: Part; start: number; bar: number };

function playBar(sound: Float32Array, { random, song, style, start, bar }: Bar): void {
  const beat = 60 / song.bpm;
  const chord = (style.chords[bar % style.chords.length] ?? []).map((note) => note + song.key);
  const hertz = (note: number, octave: number) => 440 * 2 ** (note / 12 + octave);
  for (let quarter = 0; quarter < 4; quarter++) {
    const at = start + quarter * beat;
    const accent = quarter === 0 ? 1 : 0.75;
    if (quarter % 2 === 0)
      hit(sound, at, 0.15, 0.7 * style.drums * accent, (t) => Math.sin(340 * t * Math.exp(-t * 3)));
    else hit(sound, at, 0.12, 0.4 * style.drums, () => random.between(-1, 1));
    hit(sound, at + beat / 2, 0.03, 0.2 * style.drums, () => random.between(-1, 1));
    tone(sound, {
      at,
      seconds: beat * 0.9,
      hz: hertz(chord[0] ?? 0, -3),
      level: 0.3 * style.bass * accent,
      harmonics: 3,
      decay: 2,
    });
    // Somebody sings another tune every time.
    const sung = chord[Math.floor(random.next() * chord.length)] ?? 0;
    tone(sound, {
      at,
      seconds: beat * random.between(0.5, 1),
      hz: hertz(sung, 0),
      level: 0.16 * style.voice,
      harmonics: 8,
      decay: 0.5,
    });
  }
  for (const note of chord) {
    tone(sound, {
      at: start,
      seconds: beat * 4,
      hz: hertz(note, -1),
      level: 0.16 * style.pad,
      harmonics: style.bright,
      decay: 0.6,
    });
  }
}

function hit(
  sound: Float32Array,
  at: number,
  decay: number,
  level: number,
  wave: (t: number) => number,
): void {
  if (level === 0) return;
  const from = Math.round(at * RATE);
  const count = Math.round(decay * 3 * RATE);
  for (let step = 0; step < count && from + step < sound.length; step++) {
    const t = step / RATE;
    sound[from + step] = (sound[from + step] ?? 0) + level * Math.exp(-t / decay) * wave(t);
  }
}

/** Samples of one period of a tone. */
const PERIOD = 1024;
const periods = new Map<number, Float32Array>();

function periodOf(harmonics: number): Float32Array {
  const known = periods.get(harmonics);
  if (known !== undefined) return known;
  const period = Float32Array.from({ length: PERIOD }, (_, at) => {
    let value = 0;
    for (let n = 1; n <= harmonics; n++) value += Math.sin((2 * Math.PI * n * at) / PERIOD) / n;
    return value;
  });
  periods.set(harmonics, period);
  return period;
}

type Tone = { at: number; seconds: number; hz: number; level: number; harmonics: number; decay: number };

function tone(sound: Float32Array, { at, seconds, hz, level, harmonics, decay }: Tone): void {
  if (level === 0) return;
  const from = Math.round(at * RATE);
  const count = Math.round(seconds * RATE);
  const wave = periodOf(harmonics);
  for (let step = 0; step < count && from + step < sound.length; step++) {
    const t = step / RATE;
    const edge = Math.min(1, t / 0.01, (seconds - t) / 0.02);
    const value = wave[Math.floor(((t * hz) % 1) * PERIOD)] ?? 0;
    sound[from + step] = (sound[from + step] ?? 0) + level * edge * Math.exp(-t * decay) * value;
  }
}
