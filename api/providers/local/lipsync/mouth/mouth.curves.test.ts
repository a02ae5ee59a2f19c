import { describe, expect, test } from 'bun:test';
import type { MouthTargets } from '../audio/audio.types';
import { type FrameState, mouthCurve, strengthCurve } from './mouth.curves';

const targets = (open: number[], closed: number[] = open.map(() => 0)): MouthTargets => ({
  aperture: Float32Array.from(open),
  closed: Float32Array.from(closed),
  width: new Float32Array(open.length),
  voiced: new Float32Array(open.length),
  loudness: new Float32Array(open.length),
});

describe('mouthCurve', () => {
  test('temperature widens every opening, steadily', () => {
    const openings = [0, 0.25, 0.5, 0.75, 1].map((t) => mouthCurve(targets([0.6]), t, 0.6)[0]?.aperture ?? 0);
    for (let i = 1; i < openings.length; i++)
      expect(openings[i]).toBeGreaterThan((openings[i - 1] ?? 0) * 1.05);
  });

  test('silence is shut at every temperature', () => {
    for (const t of [0, 0.5, 1]) expect(mouthCurve(targets([0]), t, 0.6)[0]?.aperture).toBe(0);
  });

  test('lips that surely touch are shut', () => {
    const [apart, touching] = mouthCurve(targets([0.6, 0.6], [0, 1]), 0.5, 0.6);
    expect(apart?.aperture).toBeGreaterThan(0.1);
    expect(touching?.aperture).toBe(0);
  });

  test('rounding narrows, spreading widens', () => {
    const wide = { ...targets([0, 0]), width: Float32Array.of(-1, 1) };
    const [round, spread] = mouthCurve(wide, 0.5, 0.6);
    expect(round?.width).toBeLessThan(0.55);
    expect(spread?.width).toBeGreaterThan(0.65);
  });
});

describe('strengthCurve', () => {
  const seen: FrameState = { seen: true, yaw: 0, covered: false };
  const clip = (change: (index: number) => Partial<FrameState>): FrameState[] =>
    Array.from({ length: 40 }, (_, i) => ({ ...seen, ...change(i) }));

  test('a face that is there all the time is drawn fully, also beside cuts', () => {
    expect([...strengthCurve(clip(() => ({})))].every((value) => value === 1)).toBe(true);
  });

  test('covered frames pass through, with soft edges in time', () => {
    const curve = strengthCurve(clip((i) => ({ covered: i >= 15 && i < 25 })));
    for (let i = 15; i < 25; i++) expect(curve[i]).toBe(0);
    expect(curve[14]).toBeGreaterThan(0);
    expect(curve[14]).toBeLessThan(0.3);
    expect(curve[5]).toBe(1);
    for (let i = 1; i < 40; i++) expect(Math.abs((curve[i] ?? 0) - (curve[i - 1] ?? 0))).toBeLessThan(0.35);
  });

  test('a head that turns beyond 40 degrees passes through smoothly', () => {
    const curve = strengthCurve(clip((i) => ({ yaw: (i / 40) * 1.2 })));
    expect(curve[0]).toBe(1);
    expect(curve[39]).toBe(0);
    for (let i = 1; i < 40; i++) expect(curve[i]).toBeLessThanOrEqual((curve[i - 1] ?? 0) + 1e-6);
  });

  test('a frame without a face is not drawn', () => {
    expect(strengthCurve(clip((i) => ({ seen: i !== 20 })))[20]).toBe(0);
  });
});
