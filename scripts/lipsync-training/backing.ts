import type { Random } from '../demo/song/random';

const RATE = 16_000;
type Tone = (frequency: number, seconds: number) => Float32Array;

/** A random instrument: harmonics, attack, decay, vibrato and brightness are drawn, then held for a piece. */
function instrument(random: Random): Tone {
  const slope = random.between(0.6, 2.6);
  const attack = random.pick([0.003, 0.01, 0.05, 0.2]);
  const decay = random.pick([0.15, 0.4, 1, 4, 30]);
  const oddOnly = random.chance(0.3);
  const vibrato = random.chance(0.35) ? random.between(0.002, 0.012) : 0;
  const sweep = random.chance(0.3) ? random.between(0.5, 6) : 0;
  const detune = random.chance(0.5) ? random.between(0.001, 0.008) : 0;
  const fm = random.chance(0.25) ? random.between(0.5, 4) : 0;
  return (frequency, seconds) => {
    const out = new Float32Array(Math.round(seconds * RATE));
    const count = Math.min(10, Math.floor(7000 / frequency));
    const phase = random.between(0, 6);
    for (let i = 0; i < out.length; i += 1) {
      const t = i / RATE;
      const envelope = Math.min(1, t / attack) * Math.exp(-t / decay) * Math.min(1, (seconds - t) / 0.02);
      const bend = vibrato * Math.sin(2 * Math.PI * 5.3 * t) * Math.min(1, t * 3);
      const angle = 2 * Math.PI * frequency * t + (vibrato ? (bend * frequency) / 5.3 : 0);
      let value = 0;
      if (fm > 0) value = Math.sin(angle + fm * Math.exp(-t * 3) * Math.sin(angle * 2));
      else
        for (let h = 1; h <= count; h += oddOnly ? 2 : 1) {
          const bright = sweep ? Math.exp(-h * 0.25 * (0.2 + Math.abs(Math.sin(sweep * t + phase)))) : 1;
          value +=
            (Math.sin(angle * h) + (detune ? Math.sin(angle * h * (1 + detune)) : 0)) * bright * h ** -slope;
        }
      out[i] = value * envelope * 0.2;
    }
    return out;
  };
}

function add(into: Float32Array, sound: Float32Array, seconds: number, gain: number): void {
  const start = Math.round(seconds * RATE);
  for (let i = 0; i < sound.length && start + i < into.length; i += 1)
    into[start + i] = (into[start + i] ?? 0) + (sound[i] ?? 0) * gain;
}

function drum(random: Random, kind: 'kick' | 'snare' | 'hat'): Float32Array {
  const seconds = { kick: 0.25, snare: 0.18, hat: 0.06 }[kind];
  const out = new Float32Array(Math.round(seconds * RATE));
  let last = 0;
  for (let i = 0; i < out.length; i += 1) {
    const t = i / RATE;
    const noise = random.next() * 2 - 1;
    const high = noise - last;
    last = noise;
    if (kind === 'kick')
      out[i] = Math.sin(2 * Math.PI * (45 * t + 4 * (1 - Math.exp(-t * 30)))) * Math.exp(-t * 14);
    else if (kind === 'snare')
      out[i] = (noise * 0.7 + Math.sin(2 * Math.PI * 190 * t) * 0.5) * Math.exp(-t * 22);
    else out[i] = high * 0.4 * Math.exp(-t * 70);
  }
  return out;
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
    instrument(random),
    instrument(random),
    instrument(random),
    instrument(random),
  ];
  const has = {
    pad: random.chance(0.7),
    lead: random.chance(0.6),
    bass: random.chance(0.7),
    arp: random.chance(0.5),
    drums: random.chance(0.65),
  };
  for (let bar = 0; bar * 4 * beat < seconds; bar += 1) {
    const at = bar * 4 * beat;
    const chord = progression[bar % 4] ?? 0;
    if (has.pad) for (const n of [0, 4, 7]) add(out, pad(semitones(chord + n + 12), beat * 4), at, 0.35);
    for (let half = 0; half < 8; half += 1) {
      const t = at + (half * beat) / 2;
      if (has.bass && half % 2 === 0) add(out, bass(semitones(chord) / 2, beat * 0.9), t, 0.8);
      if (has.arp) add(out, arp(semitones(chord + ([0, 4, 7, 12][half % 4] ?? 0) + 12), beat / 2), t, 0.5);
      if (has.lead && random.chance(0.5))
        add(
          out,
          lead(semitones(chord + random.pick([0, 2, 4, 7, 9]) + 12), beat * random.pick([0.5, 1, 2])),
          t,
          0.8,
        );
      if (has.drums) {
        add(out, drum(random, 'hat'), t, 0.5);
        if (half % 4 === 0) add(out, drum(random, 'kick'), t, 0.9);
        if (half % 4 === 2) add(out, drum(random, 'snare'), t, 0.6);
      }
    }
  }
  if (!Object.values(has).some(Boolean)) add(out, pad(semitones(12), seconds), 0, 0.5);
  return out;
}
