import { expect, test } from 'bun:test';
import { BANDS, HOP, measureSpectrum } from './spectrum.dsp';

const sine = (hz: number, gain = 0.5) =>
  Float32Array.from({ length: 16_000 }, (_, i) => gain * Math.sin((2 * Math.PI * hz * i) / 16_000));
const loudestBand = (samples: Float32Array) => {
  const { bands } = measureSpectrum(samples);
  const row = [...bands.subarray(50 * BANDS, 51 * BANDS)];
  return row.indexOf(Math.max(...row));
};

test('one step for every started 10 ms', () => {
  expect(measureSpectrum(new Float32Array(0)).steps).toBe(0);
  expect(measureSpectrum(new Float32Array(1)).steps).toBe(1);
  expect(measureSpectrum(new Float32Array(HOP * 7)).steps).toBe(7);
});

test('higher tones land in higher bands', () => {
  const bands = [200, 500, 1200, 3000, 6500].map((hz) => loudestBand(sine(hz)));
  expect(bands).toEqual([...bands].sort((a, b) => a - b));
  expect(new Set(bands).size).toBe(bands.length);
});

test('energy is in nepers of power: ten times the amplitude is ln 100 more', () => {
  const [quiet, loud] = [0.05, 0.5].map((gain) => measureSpectrum(sine(440, gain)).energy[50] ?? 0);
  expect((loud ?? 0) - (quiet ?? 0)).toBeCloseTo(Math.log(100), 2);
});

test('a tone is periodic, noise is not, silence has no pitch', () => {
  let seed = 1;
  const noise = new Float32Array(16_000).map(() => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647 - 0.5;
  });
  expect(measureSpectrum(sine(220)).harmonicity[50]).toBeGreaterThan(0.9);
  expect(measureSpectrum(noise).harmonicity[50]).toBeLessThan(0.6);
  expect(measureSpectrum(new Float32Array(16_000)).harmonicity[50]).toBe(0);
});
