import { describe, expect, test } from 'bun:test';
import { type Candidate, chooseSources, countJumps, misfit, mixAt, type Need } from './source.choice';

const candidate = (frame: number, aperture: number): Candidate => ({
  frame,
  aperture,
  teeth: 0,
  width: 0.6,
  yaw: 0,
  pitch: 0,
});
const need = (frame: number, aperture: number): Need => ({
  frame,
  shape: { aperture, width: 0.6 },
  yaw: 0,
  pitch: 0,
});

describe('chooseSources', () => {
  test('follows the clip itself when its own mouth already fits', () => {
    const openings = [0, 0.1, 0.2, 0.1, 0];
    const path = chooseSources(
      openings.map((opening, i) => need(i, opening)),
      openings.map((opening, i) => candidate(i, opening)),
    );
    expect([...path]).toEqual([0, 1, 2, 3, 4]);
  });

  test('jumps to a mouth that fits much better, once', () => {
    const candidates = [0, 0, 0, 0, 0.25, 0.25, 0.25, 0.25].map((opening, i) => candidate(i, opening));
    const path = chooseSources([need(0, 0.25), need(1, 0.25), need(2, 0.25)], candidates);
    expect([...path].every((index) => index >= 4)).toBe(true);
    expect(countJumps(path)).toBe(0);
  });

  test('holds one shut mouth while lips shall touch, and never one that speaks', () => {
    const openings = [0.06, 0.02, 0.01, 0.03, 0.06, 0.1, 0.1, 0.1];
    const candidates = openings.map((opening, i) => candidate(i, opening));
    const path = (aperture: number): number[] => [
      ...chooseSources(
        Array.from({ length: 5 }, (_, i) => need(i, aperture)),
        candidates,
      ),
    ];
    expect(path(0)).toEqual([2, 2, 2, 2, 2]);
    expect(new Set(path(0.06)).size).toBe(5);
  });

  test('does not jump for a small gain', () => {
    const candidates = [0.1, 0.1, 0.1, 0.1, 0.1, 0.12].map((opening, i) => candidate(i, opening));
    const path = chooseSources([need(0, 0.1), need(1, 0.1), need(2, 0.12)], candidates);
    expect(countJumps(path)).toBe(0);
  });

  test('prefers the head that looks the same way', () => {
    const away = { ...candidate(0, 0.1), yaw: 0.4 };
    expect(misfit(need(0, 0.1), away)).toBeGreaterThan(misfit(need(0, 0.1), candidate(1, 0.1)));
    expect([...chooseSources([need(0, 0.1)], [away, candidate(1, 0.1)])]).toEqual([1]);
  });

  test('a mouth too shut costs more than one too open', () => {
    expect(misfit(need(0, 0.1), candidate(0, 0.05))).toBeGreaterThan(
      misfit(need(0, 0.1), candidate(0, 0.15)),
    );
  });

  test('lips that shall touch are borrowed from a mouth that hides its teeth', () => {
    const candidates = [0, 0, 0, 1, 1, 0, 0, 0].map((teeth, i) => ({ ...candidate(i, 0.01), teeth }));
    const shut = chooseSources(
      Array.from({ length: 5 }, (_, i) => need(i, 0)),
      candidates,
    );
    expect([...shut].every((index) => candidates[index]?.teeth === 0)).toBe(true);
    expect(misfit(need(0, 0.08), { ...candidate(0, 0.01), teeth: 1 })).toBe(
      misfit(need(0, 0.08), candidate(0, 0.01)),
    );
  });

  test('without candidates nothing is chosen', () => {
    expect([...chooseSources([need(0, 0.1)], [])]).toEqual([-1]);
  });
});

describe('mixAt', () => {
  test('a run has one source', () => {
    expect(mixAt(Int32Array.of(3, 4, 5), 1, 10)).toEqual([{ candidate: 4, share: 1 }]);
  });

  test('a jump dissolves from what went before into what follows', () => {
    const path = Int32Array.of(3, 4, 20, 21);
    expect(mixAt(path, 1, 30)).toEqual([
      { candidate: 4, share: 0.75 },
      { candidate: 19, share: 0.25 },
    ]);
    expect(mixAt(path, 2, 30)).toEqual([
      { candidate: 20, share: 0.75 },
      { candidate: 5, share: 0.25 },
    ]);
  });

  test('shares add up to one, and nothing outside the library is asked for', () => {
    const shares = mixAt(Int32Array.of(9, 0, 9), 1, 10);
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(shares.every(({ candidate: index }) => index >= 0 && index < 10)).toBe(true);
    expect(mixAt(Int32Array.of(-1), 0, 10)).toEqual([]);
  });
});
