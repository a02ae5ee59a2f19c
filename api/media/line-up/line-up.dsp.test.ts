import { expect, test } from 'bun:test';
import { createRandom, type Random } from '../../shared/random';
import { lineUp, listenToSong } from './line-up.dsp';
import { LINE_UP_RATE } from './line-up.types';

/** A melody with drums that never repeats: decaying notes with five harmonics, and bursts of noise. */
function melody(seed: number, seconds: number): Float32Array {
  const random = createRandom(seed);
  const out = new Float32Array(seconds * LINE_UP_RATE);
  for (let at = 0; at < seconds; at += random.pick([0.125, 0.25, 0.25, 0.5])) {
    const hertz = 110 * 2 ** (Math.floor(random.between(0, 30)) / 12);
    const start = Math.round(at * LINE_UP_RATE);
    const isHit = random.chance(0.4);
    for (let i = 0; i < 0.4 * LINE_UP_RATE && start + i < out.length; i++) {
      const t = i / LINE_UP_RATE;
      let value = 0;
      for (let n = 1; n <= 5; n++) value += Math.sin(2 * Math.PI * hertz * n * t) / n;
      if (isHit) value += 2 * (random.next() - 0.5) * Math.exp(-t * 40);
      out[start + i] = (out[start + i] ?? 0) + 0.1 * value * Math.exp(-t * 6);
    }
  }
  return out;
}

/** What a camera hears: from a moment on, at another speed, with one echo, noise, and quieter. */
function filmed(
  song: Float32Array,
  of: { start: number; seconds: number; rate?: number; noise?: number; echo?: number; gain?: number },
  random: Random = createRandom(99),
): Float32Array {
  const { start, seconds, rate = 1, noise = 0.05, echo = 0.5, gain = 0.2 } = of;
  const heard = (at: number) => {
    const place = start * LINE_UP_RATE + at * rate;
    const whole = Math.floor(place);
    const part = place - whole;
    return (song[whole] ?? 0) * (1 - part) + (song[whole + 1] ?? 0) * part;
  };
  const late = Math.round(0.07 * LINE_UP_RATE);
  return Float32Array.from(
    { length: Math.round(seconds * LINE_UP_RATE) },
    (_, at) => gain * (heard(at) + echo * heard(at - late) + noise * (random.next() * 2 - 1)),
  );
}

const song = melody(1, 60);
const listened = listenToSong(song);
/** The error in milliseconds at a moment of the clip. */
const off = (
  place: { offsetSeconds: number; rate: number } | null,
  of: { start: number; rate?: number },
  at: number,
) =>
  place === null
    ? Number.POSITIVE_INFINITY
    : 1000 * Math.abs(place.offsetSeconds + at * place.rate - (of.start + at * (of.rate ?? 1)));

for (const of of [
  { start: 12.3456, seconds: 4 },
  { start: 31.7, seconds: 6, noise: 0.3 },
  // Too short to hear its speed by onsets alone.
  { start: 40.5, seconds: 7.9, rate: 1.005 },
  { start: 7.77, seconds: 12, rate: 1.005 },
  { start: 20.02, seconds: 30, rate: 0.9953, noise: 0.2, gain: 0.01 },
]) {
  test(`a clip of ${of.seconds} s from ${of.start} s on is found to half a millisecond`, () => {
    const { confidence, place } = lineUp(listened, filmed(song, of));
    expect(confidence).toBe('certain');
    expect(off(place, of, 0)).toBeLessThan(0.5);
    expect(off(place, of, of.seconds)).toBeLessThan(0.5);
  });
}

test('filming may begin before the song, and go on after it was stopped', () => {
  const clip = new Float32Array(20 * LINE_UP_RATE);
  clip.set(filmed(song, { start: 0, seconds: 11 }), 3 * LINE_UP_RATE);
  const random = createRandom(5);
  const withNoise = clip.map((value) => value + 0.004 * (random.next() * 2 - 1));
  const { confidence, place, heard } = lineUp(listened, withNoise);
  expect(confidence).toBe('certain');
  expect(off(place, { start: -3 }, 5)).toBeLessThan(1);
  expect(heard?.from).toBeCloseTo(3, 1);
  expect(Math.abs((heard?.to ?? 0) - 14)).toBeLessThan(1.5);
});

test('another song, noise and silence do not belong', () => {
  const random = createRandom(7);
  const noise = Float32Array.from({ length: 10 * LINE_UP_RATE }, () => 0.2 * (random.next() * 2 - 1));
  for (const clip of [
    filmed(melody(2, 60), { start: 20, seconds: 10 }),
    noise,
    new Float32Array(10 * LINE_UP_RATE),
    new Float32Array(100),
    new Float32Array(0),
  ]) {
    const { confidence, place, likelihood } = lineUp(listened, clip);
    expect(confidence).toBe('none');
    expect(place).toBeNull();
    expect(likelihood).toBeLessThan(0.15);
  }
  expect(lineUp(listenToSong(new Float32Array(0)), filmed(song, { start: 3, seconds: 5 })).confidence).toBe(
    'none',
  );
});

test('a chorus that is copied is said to be unsure, with both places; what leads into it decides', () => {
  const copied = song.slice();
  copied.set(song.subarray(10 * LINE_UP_RATE, 20 * LINE_UP_RATE), 40 * LINE_UP_RATE);
  const twice = listenToSong(copied);
  const inside = lineUp(twice, filmed(copied, { start: 41, seconds: 7 }));
  expect(inside.confidence).toBe('unsure');
  const starts = [inside.place, ...inside.alternatives].map((place) =>
    Math.round(place?.offsetSeconds ?? -1),
  );
  expect(starts.sort((a, b) => a - b)).toEqual([11, 41]);
  const over = lineUp(twice, filmed(copied, { start: 34, seconds: 12 }));
  expect(over.confidence).toBe('certain');
  expect(off(over.place, { start: 34 }, 0)).toBeLessThan(0.5);
});
