import type { Random } from '../../api/shared/random';

const RATE = 16_000;
/** Plays one note: its frequency in Hz and its length in seconds. */
export type Tone = (frequency: number, seconds: number) => Float32Array;

const TURN = 2 * Math.PI;
const noise = (random: Random) => random.next() * 2 - 1;

/** Attack, decay and a release of 20 ms, as a gain over time. */
function envelope(random: Random, attacks: readonly [number, ...number[]]) {
  const attack = random.pick(attacks);
  const decay = random.pick([0.15, 0.4, 1, 4, 30]);
  return (t: number, seconds: number) =>
    Math.min(1, t / attack) * Math.exp(-t / decay) * Math.max(0, Math.min(1, (seconds - t) / 0.02));
}

/** Bends of the pitch: vibrato that sets in, and a glide into the note; as a factor over time. */
function bend(random: Random) {
  const depth = random.chance(0.45) ? random.between(0.002, 0.02) : 0;
  const speed = random.between(4, 7.5);
  const glide = random.chance(0.25) ? random.between(-0.12, 0.12) : 0;
  return (t: number) =>
    1 + depth * Math.sin(TURN * speed * t) * Math.min(1, t * 3) + glide * Math.exp(-t * 18);
}

/** Fills a note from a voice that is told the phase in turns and the time. */
function note(
  seconds: number,
  frequency: number,
  bent: (t: number) => number,
  value: (turns: number, t: number) => number,
): Float32Array {
  const out = new Float32Array(Math.round(seconds * RATE));
  let turns = 0;
  for (let i = 0; i < out.length; i += 1) {
    const t = i / RATE;
    out[i] = value(turns, t);
    turns += (frequency * bent(t)) / RATE;
  }
  return out;
}

/** Sums of harmonics, some odd only, some with a brightness that swells: organs, strings, reeds. */
function additive(random: Random): Tone {
  const slope = random.between(0.4, 2.6);
  const oddOnly = random.chance(0.3);
  const shape = envelope(random, [0.003, 0.01, 0.05, 0.2]);
  const bent = bend(random);
  const sweep = random.chance(0.35) ? random.between(0.5, 7) : 0;
  const detune = random.chance(0.5) ? random.between(0.001, 0.008) : 0;
  // Real bodies ring: a fixed hump in the spectrum, as formants have, but one that never moves.
  const hump = random.chance(0.5) ? random.between(300, 3000) : 0;
  const humpWidth = random.between(150, 800);
  return (frequency, seconds) => {
    const count = Math.min(16, Math.floor(7000 / frequency));
    const gains = Array.from({ length: count }, (_, h) => {
      const ring = hump ? 3 * Math.exp(-((((h + 1) * frequency - hump) / humpWidth) ** 2)) : 0;
      return oddOnly && h % 2 === 1 ? 0 : (h + 1) ** -slope * (1 + ring);
    });
    return note(seconds, frequency, bent, (turns, t) => {
      const dull = sweep ? 0.25 * (0.2 + Math.abs(Math.sin(sweep * t))) : 0;
      let value = 0;
      for (let h = 0; h < count; h += 1) {
        const angle = TURN * turns * (h + 1);
        const twin = detune ? Math.sin(angle * (1 + detune)) : 0;
        value += (Math.sin(angle) + twin) * (gains[h] ?? 0) * (dull ? Math.exp(-(h + 1) * dull) : 1);
      }
      return value * shape(t, seconds) * 0.2;
    });
  };
}

/** Two-operator frequency modulation: electric pianos, bells, basses. */
function modulated(random: Random): Tone {
  const ratio = random.pick([0.5, 1, 2, 3, 1.41, 3.5, 14]);
  const index = random.between(0.4, 5);
  const fade = random.pick([0.5, 3, 8]);
  const shape = envelope(random, [0.002, 0.01, 0.08]);
  const bent = bend(random);
  return (frequency, seconds) =>
    note(seconds, frequency, bent, (turns, t) => {
      const modulator = index * Math.exp(-t * fade) * Math.sin(TURN * turns * ratio);
      return Math.sin(TURN * turns + modulator) * shape(t, seconds) * 0.4;
    });
}

/** Plucked strings (Karplus & Strong 1983). */
function plucked(random: Random): Tone {
  const damping = random.between(0.985, 0.9995);
  const softness = random.between(0.3, 0.9);
  return (frequency, seconds) => {
    const out = new Float32Array(Math.round(seconds * RATE));
    const period = Math.max(2, Math.round(RATE / frequency));
    const line = Float32Array.from({ length: period }, () => noise(random));
    for (let i = 0; i < out.length; i += 1) {
      const at = i % period;
      const value = line[at] ?? 0;
      line[at] = damping * (softness * value + (1 - softness) * (line[(at + 1) % period] ?? 0));
      out[i] = value * 0.4 * Math.max(0, Math.min(1, (seconds - i / RATE) / 0.02));
    }
    return out;
  };
}

/** Saws or pulses, several beside each other, through a resonant low-pass that an envelope or a wheel moves. */
function filtered(random: Random): Tone {
  const shape = envelope(random, [0.003, 0.02, 0.15]);
  const bent = bend(random);
  const voices = random.pick([1, 2, 3]);
  const spread = random.between(0.002, 0.012);
  const pulse = random.chance(0.4) ? random.between(0.1, 0.5) : 0;
  const lowest = random.between(200, 1500);
  const reach = random.between(0, 4500);
  const damping = random.between(0.15, 1.2);
  const fade = random.pick([1, 4, 12]);
  const wheel = random.chance(0.3) ? random.between(0.5, 6) : 0;
  return (frequency, seconds) => {
    let [low, band] = [0, 0];
    return note(seconds, frequency, bent, (turns, t) => {
      let value = 0;
      for (let k = 0; k < voices; k += 1) {
        const phase = (turns * (1 + spread * (k - (voices - 1) / 2)) + k * 0.37) % 1;
        value += (pulse ? (phase < pulse ? 1 : -1) : 2 * phase - 1) / voices;
      }
      const open = wheel ? 0.5 + 0.5 * Math.sin(wheel * TURN * t) : Math.exp(-t * fade);
      const f = 2 * Math.sin((Math.PI * Math.min(2600, lowest + reach * open)) / RATE);
      low += f * band;
      band += f * (value - low - damping * band);
      return Math.tanh(low) * shape(t, seconds) * 0.35;
    });
  };
}

/** Flutes and whistles: a tone with breath around it. */
function blown(random: Random): Tone {
  const shape = envelope(random, [0.03, 0.08, 0.2]);
  const bent = bend(random);
  const breath = random.between(0.02, 0.5);
  const overtone = random.between(0, 0.5);
  return (frequency, seconds) => {
    let air = 0;
    return note(seconds, frequency, bent, (turns, t) => {
      air = 0.7 * air + 0.3 * noise(random);
      const tone = Math.sin(TURN * turns) + overtone * Math.sin(2 * TURN * turns);
      return (tone + air * breath) * shape(t, seconds) * 0.35;
    });
  };
}

/** A random instrument of a random family; its sound is drawn once and then holds for a piece. */
export function drawInstrument(random: Random): Tone {
  return random.pick([additive, additive, modulated, plucked, filtered, filtered, blown])(random);
}

export type Drums = (kind: 'kick' | 'snare' | 'hat' | 'tom') => Float32Array;

/** A random drum kit: tuning, decay and the colour of its noise are its own. */
export function drawDrums(random: Random): Drums {
  const low = random.between(38, 70);
  const [kickFade, snareFade, hatFade] = [
    random.between(8, 25),
    random.between(10, 35),
    random.between(15, 110),
  ];
  const skin = random.between(150, 260);
  const rattle = random.between(0.3, 1);
  const click = random.between(0, 0.6);
  return (kind) => {
    const out = new Float32Array(Math.round(0.3 * RATE));
    let last = 0;
    for (let i = 0; i < out.length; i += 1) {
      const t = i / RATE;
      const rough = noise(random);
      const high = rough - last;
      last = rough;
      if (kind === 'kick') {
        const sweep = TURN * (low * t + 4 * (1 - Math.exp(-t * 30)));
        out[i] = Math.sin(sweep) * Math.exp(-t * kickFade) + click * high * Math.exp(-t * 200);
      } else if (kind === 'snare')
        out[i] = (rough * rattle + Math.sin(TURN * skin * t) * 0.5) * Math.exp(-t * snareFade);
      else if (kind === 'tom')
        out[i] = Math.sin(TURN * (skin * 0.6 * t + 1.5 * (1 - Math.exp(-t * 20)))) * Math.exp(-t * 10);
      else out[i] = high * 0.4 * Math.exp(-t * hatFade);
    }
    return out;
  };
}
