import { describe, expect, test } from 'bun:test';
import { correctionOf, isEarly, leadOf, nextLead, SEEK_BEYOND_COMPARED } from './clip-sync.rules.ts';

describe('clip sync', () => {
  test('leaves a clip alone that is on the clock', () => {
    expect(correctionOf(0, 1)).toEqual({ kind: 'rate', rate: 1 });
    expect(correctionOf(-0.004, 1.5)).toEqual({ kind: 'rate', rate: 1.5 });
  });

  test('slows a clip that is ahead and speeds one that is behind, within bounds', () => {
    const ahead = correctionOf(0.03, 1);
    const behind = correctionOf(-0.05, 1);
    const far = correctionOf(-0.3, 2);
    if (ahead.kind !== 'rate' || behind.kind !== 'rate' || far.kind !== 'rate') throw new Error('seeks');
    expect(ahead.rate).toBeCloseTo(0.88, 5);
    expect(behind.rate).toBeCloseTo(1.2, 5);
    expect(far.rate).toBeCloseTo(2.5, 5);
  });

  test('seeks only when it is far off', () => {
    expect(correctionOf(0.4, 1)).toEqual({ kind: 'seek' });
    expect(correctionOf(-0.4, 1)).toEqual({ kind: 'seek' });
    expect(correctionOf(0.2, 1, SEEK_BEYOND_COMPARED)).toEqual({ kind: 'seek' });
  });

  test('comes to rest from anywhere it doesn’t seek, in under a second', () => {
    for (const start of [-0.3, -0.05, 0.02, 0.3]) {
      let error = start;
      let frames = 0;
      for (; frames < 60 * 25 && Math.abs(error) >= 0.01; frames++) {
        const correction = correctionOf(error, 1);
        if (correction.kind === 'rate') error += (correction.rate - 1) / 25;
      }
      expect([start, frames < 40]).toEqual([start, true]);
    }
  });

  test('learns how long before the cut a clip must be started', () => {
    let lead = 0.012;
    const latency = 0.07;
    for (let cut = 0; cut < 20; cut++) lead = nextLead(lead, lead - latency);
    expect(lead).toBeCloseTo(latency, 3);
    expect(nextLead(undefined, -0.03)).toBeCloseTo(leadOf(undefined) + 0.03, 9);
    expect(nextLead(0.01, 5)).toBe(0);
    expect(nextLead(0.1, -5)).toBe(0.12);
  });

  test('a clip that runs before its cut is held back, one at its first frame isn’t', () => {
    expect(isEarly(0.02, 0.03, 25)).toBe(true);
    expect(isEarly(0.005, 0.03, 25)).toBe(false);
    expect(isEarly(0.02, 0.005, 25)).toBe(false);
  });
});
