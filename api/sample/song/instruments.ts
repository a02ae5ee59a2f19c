import type { Random } from '../../shared/random';

export const SONG_RATE = 48_000;
export type Stereo = { left: Float32Array; right: Float32Array };
export const stereo = (seconds: number): Stereo => ({
  left: new Float32Array(Math.round(seconds * SONG_RATE)),
  right: new Float32Array(Math.round(seconds * SONG_RATE)),
});
const frequency = (midi: number) => 440 * 2 ** ((midi - 69) / 12);

/** Adds a mono sound at a time; pan -1 left .. 1 right (equal power). */
export function place(into: Stereo, sound: Float32Array, seconds: number, gain: number, pan = 0): void {
  const start = Math.round(seconds * SONG_RATE);
  const angle = ((pan + 1) * Math.PI) / 4;
  const [l, r] = [Math.cos(angle) * gain * Math.SQRT2, Math.sin(angle) * gain * Math.SQRT2];
  const end = Math.min(sound.length, into.left.length - start);
  for (let i = Math.max(0, -start); i < end; i += 1) {
    into.left[start + i] = (into.left[start + i] ?? 0) + (sound[i] ?? 0) * l;
    into.right[start + i] = (into.right[start + i] ?? 0) + (sound[i] ?? 0) * r;
  }
}

// A plain loop: Float32Array.from is many times slower over a million samples.
const make = (seconds: number, sample: (t: number) => number) => {
  const out = new Float32Array(Math.round(seconds * SONG_RATE));
  for (let i = 0; i < out.length; i += 1) out[i] = sample(i / SONG_RATE);
  return out;
};

/** Saw without audible aliasing: PolyBLEP (Välimäki & Huovilainen 2007). */
function saw(hz: number, phase: number): () => number {
  const step = hz / SONG_RATE;
  let p = phase;
  return () => {
    p += step;
    if (p >= 1) p -= 1;
    let value = 2 * p - 1;
    if (p < step) value -= 2 * (p / step) - (p / step) ** 2 - 1;
    else if (p > 1 - step) value -= ((p - 1) / step) ** 2 + (2 * (p - 1)) / step + 1;
    return value;
  };
}

/** Low-pass of two poles (Chamberlin state-variable filter). */
function lowPass(): (x: number, hz: number, damping: number) => number {
  let [low, band, f, count] = [0, 0, 0, 0];
  return (x, hz, damping) => {
    // A cutoff moves slowly: renewing it every 32 samples (0.7 ms) is not heard and saves most of the time.
    if (count % 32 === 0) f = 2 * Math.sin((Math.PI * Math.min(hz, 7000)) / SONG_RATE);
    count += 1;
    low += f * band;
    band += f * (x - low - damping * band);
    return low;
  };
}

/** Soft pad: three detuned saws, slow filter. */
export function pad(midi: number, seconds: number, brightness: number, random: Random): Float32Array {
  const oscillators = [-0.07, 0, 0.08].map((cents) => saw(frequency(midi + cents), random.next()));
  const filter = lowPass();
  // A slow triangle between -1 and 1 moves the filter.
  const wave = (t: number) => Math.abs(((t * 0.42 + 0.5) % 2) - 1) * 2 - 1;
  const whole = seconds + 0.5;
  return make(whole, (t) => {
    const envelope = Math.min(1, t / 0.25) * Math.min(1, Math.max(0, whole - t) / 0.5);
    let x = 0;
    for (const o of oscillators) x += o();
    return filter(x, 500 + brightness * (0.6 + 0.4 * wave(t)), 1.1) * envelope * 0.2;
  });
}

/** Electric piano: two-operator FM, the modulation dying faster than the tone. */
export function keys(midi: number, seconds: number, velocity: number): Float32Array {
  const w = 2 * Math.PI * frequency(midi);
  const whole = seconds + 0.6;
  return make(whole, (t) => {
    const envelope = Math.min(1, t / 0.004) * Math.exp(-t * 2.6) * Math.min(1, (whole - t) / 0.15);
    const bell = Math.sin(w * 14 * t) * Math.exp(-t * 18) * 0.35 * velocity;
    return (
      Math.sin(w * t + (Math.sin(w * t) * 1.1 * Math.exp(-t * 3.5) + bell) * velocity) * envelope * velocity
    );
  });
}

/** Round bass: a filtered saw over a sine. */
export function bass(midi: number, seconds: number): Float32Array {
  const hz = frequency(midi);
  const oscillator = saw(hz, 0.5);
  const filter = lowPass();
  return make(seconds, (t) => {
    const envelope =
      Math.min(1, t / 0.006) * Math.exp(-t * 1.2) * Math.min(1, Math.max(0, seconds - t) / 0.04);
    const body = filter(oscillator(), 180 + 900 * Math.exp(-t * 9), 0.9);
    return (body * 0.55 + Math.sin(2 * Math.PI * hz * t) * 0.6) * envelope;
  });
}

/** Soft lead: sine with a little third harmonic and vibrato. */
export function bell(midi: number, seconds: number): Float32Array {
  const w = 2 * Math.PI * frequency(midi);
  const whole = seconds + 0.8;
  return make(whole, (t) => {
    const envelope = Math.min(1, t / 0.008) * Math.exp(-t * 1.9) * Math.min(1, (whole - t) / 0.2);
    const angle = w * t + 0.12 * Math.sin(2 * Math.PI * 5 * t) * Math.min(1, t);
    return (Math.sin(angle) + 0.25 * Math.sin(3.01 * angle) * Math.exp(-t * 6)) * envelope;
  });
}

export const kick = () =>
  make(0.35, (t) => {
    const sweep = 2 * Math.PI * (48 * t + (110 / 32) * (1 - Math.exp(-t * 32)));
    return (
      Math.tanh(1.6 * Math.sin(sweep) * Math.exp(-t * 9)) + Math.sin(t * 9000) * Math.exp(-t * 400) * 0.25
    );
  });

export function snare(random: Random): Float32Array {
  let low = 0;
  return make(0.26, (t) => {
    const noise = random.next() * 2 - 1;
    low += (noise - low) * 0.12;
    const body = Math.sin(2 * Math.PI * (185 * t + 2 * (1 - Math.exp(-t * 40)))) * Math.exp(-t * 26) * 0.6;
    return (noise - low) * Math.exp(-t * 19) * 0.5 + body;
  });
}

/** Hi-hat or, longer, a cymbal: noise above about 7 kHz. */
export function hat(random: Random, decay: number): Float32Array {
  let [a, b] = [0, 0];
  return make(Math.min(2, 5 / decay), (t) => {
    const noise = random.next() * 2 - 1;
    a += (noise - a) * 0.55;
    const high = noise - a;
    b += (high - b) * 0.4;
    return (high - b) * Math.exp(-t * decay);
  });
}
