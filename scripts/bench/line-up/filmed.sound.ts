import FFT from 'fft.js';
import { LINE_UP_RATE } from '../../../api/media/line-up/line-up.types';
import { output } from '../../../api/media/testing/tools';
import type { Random } from '../../../api/shared/random';

/** What lies between the player and the file of the camera. */
export type Filming = {
  startSeconds: number;
  seconds: number;
  /** Song seconds in a second of the clip. */
  rate: number;
  /** Decibels of the song above the noise. */
  snr: number;
  noise: 'pink' | 'voices';
  /** Seconds until the room's echo has fallen by 60 dB; 0 is a cable. */
  echo: number;
  /** Decibels of the direct sound above the echo. */
  direct: number;
  gain: number;
  phone: boolean;
};

export function drawFilming(random: Random, song: { seconds: number }, seconds: number): Filming {
  return {
    startSeconds: random.between(0, Math.max(0, song.seconds - seconds * 1.01)),
    seconds,
    rate: 1 + random.pick([0, 0, random.between(-0.005, 0.005), -0.005, 0.005]),
    snr: random.between(0, 20),
    noise: random.pick(['pink', 'voices']),
    echo: random.pick([0, 0.25, 0.5, 0.8, 1.2]),
    direct: random.between(-2, 10),
    gain: random.pick([0.02, 0.1, 0.3, 1, 2]),
    phone: random.chance(0.4),
  };
}

/** The song as it is heard from a moment on, at another speed (cubic interpolation). */
function heard(song: Float32Array, filming: Filming): Float32Array {
  const from = filming.startSeconds * LINE_UP_RATE;
  return Float32Array.from({ length: Math.round(filming.seconds * LINE_UP_RATE) }, (_, at) => {
    const place = from + at * filming.rate;
    const whole = Math.floor(place);
    const t = place - whole;
    const [a, b] = [song[whole - 1] ?? 0, song[whole] ?? 0];
    const [c, d] = [song[whole + 1] ?? 0, song[whole + 2] ?? 0];
    return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  });
}

const normal = (random: Random) => random.next() + random.next() + random.next() + random.next() - 2;

/** A made-up room: the direct sound, six walls, and an echo of noise that falls evenly. */
function roomOf(random: Random, echo: number, direct: number): Float32Array {
  const room = new Float32Array(Math.round(echo * LINE_UP_RATE) + 1);
  let energy = 0;
  for (let at = 1; at < room.length; at++) {
    room[at] = normal(random) * 10 ** ((-3 * at) / room.length);
    energy += (room[at] ?? 0) ** 2;
  }
  const scale = energy === 0 ? 0 : 1 / Math.sqrt(energy * 10 ** (direct / 10));
  const out = room.map((value) => value * scale);
  out[0] = 1;
  for (let wall = 0; wall < 6; wall++) {
    const at = Math.round(random.between(0.002, 0.03) * LINE_UP_RATE);
    if (at < out.length) out[at] = (out[at] ?? 0) + random.between(-0.4, 0.4) * Math.min(1, scale * 20);
  }
  return out;
}

function convolve(sound: Float32Array, room: Float32Array): Float32Array {
  let size = 2;
  while (size < sound.length + room.length) size *= 2;
  const fft = new FFT(size);
  const [a, b, c] = [0, 0, 0].map(() => new Float64Array(size * 2));
  if (a === undefined || b === undefined || c === undefined) return sound;
  // Both at once: the sound as real part, the room as imaginary; the square's imaginary part is twice the product.
  sound.forEach((value, at) => {
    a[at * 2] = value;
  });
  room.forEach((value, at) => {
    a[at * 2 + 1] = value;
  });
  fft.transform(b, a);
  for (let bin = 0; bin < size * 2; bin += 2) {
    const [re, im] = [b[bin] ?? 0, b[bin + 1] ?? 0];
    c[bin] = re * re - im * im;
    c[bin + 1] = 2 * re * im;
  }
  fft.inverseTransform(a, c);
  return sound.map((_, at) => (a[at * 2 + 1] ?? 0) / 2);
}

const powerOf = (sound: Float32Array) =>
  sound.reduce((sum, value) => sum + value * value, 0) / Math.max(1, sound.length);

/** Noise that falls by 3 dB an octave (Kellet's economy filter). */
export function pinkNoise(random: Random, samples: number): Float32Array {
  let [a, b, c] = [0, 0, 0];
  return Float32Array.from({ length: samples }, () => {
    const white = normal(random);
    a = 0.99765 * a + white * 0.099046;
    b = 0.963 * b + white * 0.2965164;
    c = 0.57 * c + white * 1.0526913;
    return a + b + c + white * 0.1848;
  });
}

/** A stretch of voices from somewhere in a recording of speech. */
export function voices(random: Random, speech: Float32Array, samples: number): Float32Array {
  const from = Math.floor(random.next() * speech.length);
  const other = Math.floor(random.next() * speech.length);
  return Float32Array.from(
    { length: samples },
    (_, at) => (speech[(from + at) % speech.length] ?? 0) + (speech[(other + at) % speech.length] ?? 0),
  );
}

/** What the camera's file holds of a sound, decoded again: room, noise, level, microphone and AAC at 64 kbit/s. */
export async function film(
  of: { song: Float32Array; speech: Float32Array; ffmpegPath: string; folder: string },
  filming: Filming,
  random: Random,
): Promise<Float32Array> {
  const dry = heard(of.song, filming);
  const wet = filming.echo > 0 ? convolve(dry, roomOf(random, filming.echo, filming.direct)) : dry;
  const noise =
    filming.noise === 'pink' ? pinkNoise(random, wet.length) : voices(random, of.speech, wet.length);
  const gain = Math.sqrt(powerOf(wet) / (powerOf(noise) + 1e-12) / 10 ** (filming.snr / 10));
  const sound = wet.map((value, at) =>
    Math.max(-1, Math.min(1, filming.gain * (value + gain * (noise[at] ?? 0)))),
  );
  return throughCamera(of, sound, filming.phone);
}

export async function throughCamera(
  of: { ffmpegPath: string; folder: string },
  sound: Float32Array,
  phone: boolean,
): Promise<Float32Array> {
  const [raw, coded] = [`${of.folder}/raw.f32`, `${of.folder}/coded.m4a`];
  await Bun.write(raw, new Uint8Array(sound.buffer, sound.byteOffset, sound.byteLength));
  const band = phone ? ['-af', 'highpass=f=300,lowpass=f=3400,acompressor=threshold=0.1:ratio=4'] : [];
  const input = ['-f', 'f32le', '-ar', String(LINE_UP_RATE), '-ac', '1', '-i', raw];
  const quiet = ['-v', 'error', '-nostdin', '-y'];
  await output([
    of.ffmpegPath,
    ...quiet,
    ...input,
    ...band,
    '-ar',
    '48000',
    '-c:a',
    'aac',
    '-b:a',
    '64k',
    coded,
  ]);
  const decoded = await output([
    ...[of.ffmpegPath, ...quiet, '-i', coded, '-ac', '1', '-ar', String(LINE_UP_RATE), '-f', 'f32le', '-'],
  ]);
  return new Float32Array(decoded.slice().buffer, 0, Math.floor(decoded.byteLength / 4));
}
