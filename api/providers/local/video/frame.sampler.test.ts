import { describe, expect, test } from 'bun:test';
import { seeded } from '../../../drawing/paint';
import { yuvBytes, yuvFrame } from '../lipsync/pictures/yuv.frame';
import { nearness, type Pose, planCamera } from './camera.path.rules';
import { createFilmGrain } from './film.grain';
import { createFrameSampler } from './frame.sampler';

const size = { width: 320, height: 180 };
const still: Pose = { x: 200, y: 120, step: 1, parallax: 0, swell: 0 };

function sheetOf(width: number, height: number, luma: (x: number, y: number) => number) {
  const sheet = yuvFrame(width, height, new Uint8Array(yuvBytes(width, height)).fill(128));
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) sheet.y[y * width + x] = luma(x, y);
  return sheet;
}

/** A soft dot of deviation 3 at a place of the sheet. */
const dot = (atX: number, atY: number) => (x: number, y: number) =>
  16 + 200 * Math.exp(-((x - atX) ** 2 + (y - atY) ** 2) / 18);

/** Where the light of a frame is, weighted. */
function centre(luma: Uint8Array, width: number) {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let index = 0; index < luma.length; index++) {
    const light = (luma[index] ?? 0) - 16;
    if (light < 6) continue;
    sum += light;
    sumX += light * (index % width);
    sumY += light * Math.floor(index / width);
  }
  return { x: sumX / sum, y: sumY / sum };
}

describe('looking through the camera', () => {
  test('on whole pixels the sheet is copied exactly', () => {
    const chance = seeded(3);
    const sheet = sheetOf(400, 240, () => Math.floor(chance() * 256));
    const frame = createFrameSampler(sheet, size).sample(still);
    const row = frame.y.subarray(50 * 320, 50 * 320 + 320);
    expect([...row]).toEqual([...sheet.y.subarray((50 + 30) * 400 + 40, (50 + 30) * 400 + 360)]);
  });

  test('a dot goes where the camera’s way says, to a fiftieth of a pixel', () => {
    const shot = { ...size, fps: 25, frames: 60 };
    const plan = planCamera('pan left slowly', shot, seeded(5));
    const at = { x: plan.sheet.width / 2, y: plan.sheet.height * 0.35 };
    const sampler = createFrameSampler(sheetOf(plan.sheet.width, plan.sheet.height, dot(at.x, at.y)), size);
    let worst = 0;
    for (let index = 0; index < shot.frames; index++) {
      const pose = plan.pose(index);
      const seen = centre(sampler.sample(pose).y, size.width);
      const y = (at.y - pose.y + 0.5) / pose.step + size.height / 2 - 0.5;
      const aside = pose.parallax * nearness(y + 0.5, size.height);
      const x = (at.x - pose.x + 0.5 - aside) / pose.step + size.width / 2 - 0.5;
      worst = Math.max(worst, Math.abs(seen.x - x), Math.abs(seen.y - y));
    }
    // Rounding to 8 bits moves the middle of a dot by about a hundredth.
    expect(worst).toBeLessThan(0.02);
  });

  test('colour stays where the luma is', () => {
    const sheet = sheetOf(400, 240, (x) => (x < 200 ? 50 : 200));
    for (let y = 0; y < 120; y++) for (let x = 0; x < 200; x++) sheet.u[y * 200 + x] = x < 100 ? 60 : 180;
    const frame = createFrameSampler(sheet, size).sample({ ...still, x: 200.4, step: 0.93 });
    const edge = (plane: Uint8Array, width: number, from: number, middle: number) => {
      for (let x = 1; x < width; x++) {
        const [a, b] = [plane[from + x - 1] ?? 0, plane[from + x] ?? 0];
        if (a < middle && b >= middle) return x - 1 + (middle - a) / (b - a);
      }
      return Number.NaN;
    };
    const luma = edge(frame.y, 320, 90 * 320, 125);
    const chroma = edge(frame.u, 160, 45 * 160, 120);
    // Left-sited: colour sample i lies on luma pixel 2 i; the edges on the sheet are half a pixel apart.
    expect(Math.abs(2 * chroma - luma)).toBeLessThan(0.6);
  });

  test('the edges of the sheet are repeated, never black', () => {
    const frame = createFrameSampler(
      sheetOf(320, 180, () => 200),
      size,
    ).sample({ ...still, x: 158, y: 88 });
    expect(Math.min(...frame.y)).toBe(200);
  });

  test('grain is light, differs from frame to frame and keeps the legal range', () => {
    const grain = createFilmGrain(1);
    const [one, other] = [new Uint8Array(320 * 180).fill(120), new Uint8Array(320 * 180).fill(120)];
    grain(one, 320, 180);
    grain(other, 320, 180);
    expect(one).not.toEqual(other);
    const mean = one.reduce((sum, value) => sum + value, 0) / one.length;
    const deviation = Math.sqrt(one.reduce((sum, value) => sum + (value - mean) ** 2, 0) / one.length);
    expect(Math.abs(mean - 120)).toBeLessThan(0.3);
    expect(deviation).toBeGreaterThan(1.5);
    expect(deviation).toBeLessThan(4);
    const white = new Uint8Array(320 * 180).fill(235);
    grain(white, 320, 180);
    expect(Math.max(...white)).toBe(235);
  });
});
