import { LINE_UP_RATE } from '../../../api/media/line-up/line-up.types';
import { createRandom, type Random } from '../../../api/shared/random';
import { playBacking } from '../../lipsync-training/backing';
import { drawDrums, drawInstrument } from '../../lipsync-training/instruments';
import { singTake } from '../../lipsync-training/sung';

export type MadeUpSong = {
  name: string;
  samples: Float32Array;
  /** Stretches that are copies of each other, to the sample: starts in seconds, and their length. */
  copies: { starts: number[]; seconds: number }[];
};

export const songKinds = ['played', 'sections', 'copied chorus', 'loop at 120'] as const;
type SongKind = (typeof songKinds)[number];

function mix(into: Float32Array, sound: Float32Array, at: number, gain: number): void {
  for (let i = 0; i < sound.length && at + i < into.length; i++)
    into[at + i] = (into[at + i] ?? 0) + (sound[i] ?? 0) * gain;
}

function levelled(sound: Float32Array): Float32Array {
  const loudest = sound.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
  return sound.map((value) => (0.8 * value) / loudest);
}

const part = (random: Random, seconds: number, voice: number) => {
  const out = levelled(playBacking(random, seconds));
  if (voice > 0) mix(out, singTake(random, seconds).samples, 0, voice);
  return out;
};

/** Four bars at 120 that repeat to the sample, with singing that does not: made music at its hardest. */
function loop(random: Random, seconds: number): Float32Array {
  const bars = new Float32Array(8 * LINE_UP_RATE);
  const beat = LINE_UP_RATE / 2;
  const drums = drawDrums(random);
  const [chord, bass] = [drawInstrument(random), drawInstrument(random)];
  const root = random.between(90, 180);
  for (let step = 0; step < 32; step++) {
    const at = (step * beat) / 2;
    mix(bars, drums('hat'), at, 0.4);
    if (step % 2 === 0) mix(bars, drums('kick'), at, 0.9);
    if (step % 4 === 2) mix(bars, drums('snare'), at, 0.6);
    const note = root * 2 ** (([0, 5, 7, 3][Math.floor(step / 8)] ?? 0) / 12);
    if (step % 8 === 0) for (const n of [1, 1.26, 1.5]) mix(bars, chord(2 * note * n, 1.9), at, 0.3);
    mix(bars, bass(note / 2, 0.2), at, 0.6);
  }
  const out = new Float32Array(Math.round(seconds * LINE_UP_RATE));
  for (let at = 0; at < out.length; at += bars.length) mix(out, bars, at, 1);
  const sung = levelled(out);
  mix(sung, singTake(random, seconds).samples, 0, 0.9);
  return sung;
}

export function makeUpSong(seed: number, kind: SongKind): MadeUpSong {
  const random = createRandom(seed);
  const name = `${kind} ${seed}`;
  if (kind === 'loop at 120') return { name, samples: levelled(loop(random, 120)), copies: [] };
  if (kind === 'played')
    return { name, samples: levelled(part(random, random.between(100, 180), 0.8)), copies: [] };
  const [verse, chorus] = [random.between(16, 24), random.between(14, 20)];
  const refrain = part(random, chorus, 0.8);
  const samples = new Float32Array(Math.round((3 * verse + 2 * chorus + verse) * LINE_UP_RATE));
  const starts: number[] = [];
  let at = 0;
  for (const which of ['verse', 'chorus', 'verse', 'chorus', 'verse', 'verse'] as const) {
    const sound =
      which === 'verse'
        ? part(random, verse, 0.8)
        : kind === 'sections'
          ? part(random, chorus, 0.8)
          : refrain;
    if (which === 'chorus') starts.push(at / LINE_UP_RATE);
    mix(samples, sound, at, 1);
    at += sound.length;
  }
  return {
    name,
    samples: levelled(samples),
    copies: kind === 'copied chorus' ? [{ starts, seconds: chorus }] : [],
  };
}

/** Real voices over made-up music. */
export function voiceOverBacking(seed: number, speech: Float32Array): MadeUpSong {
  const random = createRandom(seed);
  const samples = part(random, 120, speech.length > 0 ? 0 : 0.8);
  const from = Math.floor(random.next() * Math.max(1, speech.length));
  if (speech.length > 0) {
    const voice = samples.map((_, at) => speech[(from + at) % speech.length] ?? 0);
    mix(samples, levelled(voice), 0, 0.9);
  }
  return { name: `real voices ${seed}`, samples: levelled(samples), copies: [] };
}
