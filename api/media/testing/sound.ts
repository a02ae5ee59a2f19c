import type { MediaTools } from '../media.types';
import { readWav, wavHeader } from '../wav';
import { ffmpeg, output } from './tools';

/**
 * Writes a mono 16-bit WAV of bursts over a quiet tone, no two seconds alike: any shift of a copy
 * shows in the correlation. The same seed gives the same sound.
 */
export async function makeSong(path: string, seconds: number, sampleRate = 48_000, seed = 1): Promise<void> {
  const samples = Math.round(seconds * sampleRate);
  const pcm = new Int16Array(samples);
  let state = seed;
  let smooth = 0;
  for (let at = 0; at < samples; at++) {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    const noise = state / 2 ** 31 - 1;
    // One-pole low pass at about 3 kHz, so that every codec keeps it.
    smooth += 0.35 * (noise - smooth);
    const burst = (at / sampleRate) % 0.25 < 0.12 ? 0.6 : 0.05;
    const tone = 0.1 * Math.sin((2 * Math.PI * 330 * at) / sampleRate);
    pcm[at] = Math.round(32_000 * Math.max(-1, Math.min(1, burst * smooth + tone)));
  }
  const header = wavHeader({ channels: 1, sampleRate, bitsPerSample: 16, samples });
  await Bun.write(path, Buffer.concat([header, new Uint8Array(pcm.buffer)]));
}

/** Encodes a WAV into another kind of file. */
export async function encodeSound(
  tools: MediaTools,
  from: string,
  to: string,
  args: string[] = [],
): Promise<void> {
  await ffmpeg(tools, ['-i', from, ...args, to]);
}

/** First channel of a WAV as numbers −1..1. */
export async function readSamples(path: string): Promise<Float32Array> {
  const wav = await readWav(path);
  const bytes = await Bun.file(path)
    .slice(wav.dataOffset, wav.dataOffset + wav.samples * wav.channels * 2)
    .arrayBuffer();
  const pcm = new Int16Array(bytes);
  return Float32Array.from({ length: wav.samples }, (_, at) => (pcm[at * wav.channels] ?? 0) / 32_768);
}

/** What ffmpeg plays of a file's sound: 48 kHz mono from the file's time 0. */
export async function decodeSound(
  tools: MediaTools,
  path: string,
  args: string[] = [],
): Promise<Float32Array> {
  const bytes = await output([
    ...[tools.ffmpegPath, '-v', 'error', '-nostdin', '-i', path, '-map', '0:a:0', ...args],
    ...['-ac', '1', '-ar', '48000', '-f', 's16le', '-'],
  ]);
  const pcm = new Int16Array(bytes.buffer, 0, Math.floor(bytes.byteLength / 2));
  return Float32Array.from(pcm, (value) => value / 32_768);
}

/**
 * By how many samples `copy` is late against `original`, by the best correlation of `length`
 * samples at `at`, within ±`reach`; with the correlation there.
 */
export function findLag(
  original: Float32Array,
  copy: Float32Array,
  at: number,
  length: number,
  reach = 2400,
): { lag: number; correlation: number } {
  let best = { lag: 0, correlation: -1 };
  const window = original.subarray(at, at + length);
  const energy = Math.sqrt(window.reduce((sum, value) => sum + value * value, 0));
  for (let lag = -reach; lag <= reach; lag++) {
    let product = 0;
    let own = 0;
    for (let step = 0; step < window.length; step++) {
      const value = copy[at + lag + step] ?? 0;
      product += value * (window[step] ?? 0);
      own += value * value;
    }
    const correlation = product / (energy * Math.sqrt(own) || 1);
    if (correlation > best.correlation) best = { lag, correlation };
  }
  return best;
}
