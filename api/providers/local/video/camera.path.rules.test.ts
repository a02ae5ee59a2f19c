import { describe, expect, test } from 'bun:test';
import { seeded } from '../../../drawing/paint';
import { readMoveWords } from '../image/move.reading.rules';
import { eased, nearness, planCamera } from './camera.path.rules';

const size = { width: 1280, height: 720, fps: 25, frames: 125 };
const plan = (prompt: string, seed = 1, change: Partial<typeof size> = {}) =>
  planCamera(prompt, { ...size, ...change }, seeded(seed));

/** The edges of the sheet that a frame looks at. */
function edges(prompt: string, seed: number, shot: typeof size) {
  const { sheet, pose } = planCamera(prompt, shot, seeded(seed));
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  for (let frame = 0; frame < shot.frames; frame++) {
    const { x, y, step, parallax } = pose(frame);
    left = Math.min(left, x - (step * shot.width) / 2 + Math.min(0, parallax));
    right = Math.max(right, x + (step * shot.width) / 2 + Math.max(0, parallax));
    top = Math.min(top, y - (step * shot.height) / 2);
    bottom = Math.max(bottom, y + (step * shot.height) / 2);
  }
  return { left, top, right: sheet.width - right, bottom: sheet.height - bottom };
}

describe('the camera', () => {
  test('never looks over the edge of the picture, whatever the words, the seed and the length', () => {
    const prompts = ['push in fast', 'zoom out', 'pan left', 'pan right fast', 'tilt up', 'crane down'];
    for (const prompt of [...prompts, 'drift handheld', 'handheld', 'static', '', 'fast handheld pan left']) {
      for (let seed = 0; seed < 12; seed++) {
        for (const frames of [1, 2, 50, 500]) {
          for (const shape of [
            { width: 1280, height: 720 },
            { width: 720, height: 1280 },
          ]) {
            const spare = edges(prompt, seed, { ...size, ...shape, frames });
            expect(Math.min(...Object.values(spare))).toBeGreaterThanOrEqual(0);
          }
        }
      }
    }
  });

  test('goes where the words say', () => {
    const [start, end] = [0, size.frames - 1];
    const way = (prompt: string) => {
      const { pose } = plan(prompt);
      const [from, to] = [pose(start), pose(end)];
      return { x: to.x - from.x, y: to.y - from.y, zoom: from.step / to.step };
    };
    expect(way('slow push in on her face').zoom).toBeGreaterThan(1.05);
    expect(way('pull out').zoom).toBeLessThan(0.95);
    expect(way('pan left').x).toBeLessThan(-80);
    expect(way('camera pans to the right').x).toBeGreaterThan(80);
    expect(way('tilt up').y).toBeLessThan(-40);
    expect(way('crane down').y).toBeGreaterThan(40);
    expect(Math.abs(way('static shot').x)).toBe(0);
    expect(way('pan left, slowly').x).toBeGreaterThan(way('pan left').x);
  });

  test('differs with the seed where no words steer it', () => {
    const moves = new Set(Array.from({ length: 30 }, (_, seed) => plan('a singer', seed).move));
    expect(moves.size).toBeGreaterThanOrEqual(5);
  });

  test('moves without a jerk: its speed changes by little from frame to frame', () => {
    // A hand trembles by up to two thirds of a pixel a frame at 720p; a dolly doesn't.
    for (const [prompt, limit] of [
      ['push in', 0.1],
      ['pan left', 0.25],
      ['drift', 0.2],
      ['handheld', 0.7],
    ] as const) {
      const { pose } = plan(prompt);
      const xs = Array.from({ length: size.frames }, (_, frame) => pose(frame));
      for (let frame = 2; frame < size.frames; frame++) {
        const [a, b, c] = [xs[frame - 2], xs[frame - 1], xs[frame]];
        if (!a || !b || !c) throw new Error('no pose');
        expect(Math.abs(c.x - 2 * b.x + a.x)).toBeLessThan(limit);
        expect(Math.abs(c.y - 2 * b.y + a.y)).toBeLessThan(limit);
      }
    }
  });

  test('starts and stops softly, and arrives', () => {
    expect([eased(0), eased(0.5), eased(1)]).toEqual([0, 0.5, 1]);
    expect(eased(0.01)).toBeLessThan(0.002);
    for (let at = 0; at < 1; at += 0.01) expect(eased(at + 0.01)).toBeGreaterThan(eased(at));
  });

  test('what is below is near', () => {
    expect([nearness(0, 720), nearness(720, 720)]).toEqual([0, 1]);
  });

  test('reads the words of film people', () => {
    expect(readMoveWords('A slow dolly in, handheld, 16mm grain')).toEqual({
      move: 'push-in',
      speed: 0.55,
      handheld: true,
      grain: true,
    });
    expect(readMoveWords('she pushes the door').move).toBeNull();
    expect(readMoveWords('pan').move).toBe('drift');
    expect(readMoveWords('first pan right, then push in').move).toBe('pan-right');
  });
});
