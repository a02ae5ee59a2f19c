import type { Random } from '../../api/shared/random';
import { type Drums, drawDrums, drawInstrument } from './instruments';

const RATE = 16_000;

function add(into: Float32Array, sound: Float32Array, seconds: number, gain: number): void {
  const start = Math.round(seconds * RATE);
  for (let i = 0; i < sound.length && start + i < into.length; i += 1)
    into[start + i] = (into[start + i] ?? 0) + (sound[i] ?? 0) * gain;
}

/** One bar of a random pattern of eighths, hit for hit. */
function drumBar(into: Float32Array, drums: Drums, random: Random, at: number, beat: number): void {
  const busy = random.between(0.1, 0.9);
  for (let half = 0; half < 8; half += 1) {
    const t = at + (half * beat) / 2;
    if (random.chance(busy)) add(into, drums('hat'), t, 0.5);
    if (half % 4 === 0 || random.chance(0.12)) add(into, drums('kick'), t, 0.9);
    if (half % 4 === 2) add(into, drums('snare'), t, 0.6);
    if (random.chance(0.06)) add(into, drums('tom'), t, 0.6);
  }
}

/** A few long echoes: a hall; and what a mixing desk does to a sum of sounds: it rounds the peaks. */
function master(sound: Float32Array, random: Random): Float32Array {
  const hall = random.chance(0.5) ? random.between(0.1, 0.45) : 0;
  const drive = random.chance(0.4) ? random.between(0.5, 3) : 0;
  const delays = [0.0297, 0.0371, 0.0411, 0.0437].map((d) => Math.round(d * RATE * random.between(0.8, 2)));
  const out = sound.slice();
  if (hall > 0)
    for (let i = 0; i < out.length; i += 1)
      for (const d of delays) out[i] = (out[i] ?? 0) + (out[i - d] ?? 0) * hall * 0.45;
  return drive > 0 ? out.map((x) => Math.tanh(x * drive)) : out;
}

/** A piece of random backing music at 16 kHz: chords, bass, arpeggios, lead and drums, some left out. */
export function playBacking(random: Random, seconds: number): Float32Array {
  const out = new Float32Array(Math.round(seconds * RATE));
  const beat = 60 / random.between(70, 160);
  const root = random.between(90, 180);
  const semitones = (n: number) => root * 2 ** (n / 12);
  const progression = random.pick<number[]>([
    [0, 5, 7, 0],
    [0, 9, 5, 7],
    [9, 5, 0, 7],
    [2, 7, 0, 9],
  ]);
  const [pad, lead, bass, arp] = [
    drawInstrument(random),
    drawInstrument(random),
    drawInstrument(random),
    drawInstrument(random),
  ];
  const drums = drawDrums(random);
  const has = {
    pad: random.chance(0.6),
    lead: random.chance(0.65),
    bass: random.chance(0.65),
    arp: random.chance(0.45),
    drums: random.chance(0.6),
  };
  for (let bar = 0; bar * 4 * beat < seconds; bar += 1) {
    const at = bar * 4 * beat;
    const chord = progression[bar % 4] ?? 0;
    if (has.pad) for (const n of [0, 4, 7]) add(out, pad(semitones(chord + n + 12), beat * 4), at, 0.35);
    for (let half = 0; half < 8; half += 1) {
      const t = at + (half * beat) / 2;
      if (has.bass && half % 2 === 0) add(out, bass(semitones(chord) / 2, beat * 0.9), t, 0.8);
      if (has.arp) add(out, arp(semitones(chord + ([0, 4, 7, 12][half % 4] ?? 0) + 12), beat / 2), t, 0.5);
      if (has.lead && random.chance(0.5)) {
        const melody = semitones(chord + random.pick([0, 2, 4, 7, 9]) + random.pick([0, 12, 12]));
        add(out, lead(melody, beat * random.pick([0.4, 0.5, 1, 2])), t, 0.8);
      }
    }
    if (has.drums) drumBar(out, drums, random, at, beat);
  }
  if (!Object.values(has).some(Boolean)) add(out, pad(semitones(12), seconds), 0, 0.5);
  return master(out, random);
}
