import { describe, expect, test } from 'bun:test';
import { sampleRegion } from './crop.sampler';
import { copyBox, evenBox, type YuvFrame, yuvBytes, yuvFrame } from './yuv.frame';

function frame(width: number, height: number, luma: (x: number, y: number) => number): YuvFrame {
  const made = yuvFrame(width, height, new Uint8Array(yuvBytes(width, height)).fill(128));
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) made.y[y * width + x] = luma(x, y);
  return made;
}

describe('sampleRegion', () => {
  const green = (pixels: Float32Array, side: number, x: number, y: number): number =>
    pixels[(y * side + x) * 3 + 1] ?? 0;

  test('grey stays grey, black and white reach the ends', () => {
    const pixels = new Float32Array(4 * 4 * 3);
    for (const [luma, wanted] of [
      [16, 0],
      [235, 255],
      [126, 128],
    ] as const) {
      sampleRegion(
        frame(8, 8, () => luma),
        { x: 4, y: 4, size: 4, angle: 0 },
        4,
        pixels,
      );
      for (const value of pixels) expect(Math.abs(value - wanted)).toBeLessThan(1.5);
    }
  });

  test('a region of the same size is a plain cut', () => {
    const pixels = new Float32Array(4 * 4 * 3);
    const made = frame(16, 16, (x, y) => 16 + 10 * x + y);
    sampleRegion(made, { x: 8, y: 8, size: 4, angle: 0 }, 4, pixels);
    expect(green(pixels, 4, 0, 0)).toBeCloseTo(1.1644 * (10 * 6 + 6), 0);
    expect(green(pixels, 4, 3, 0)).toBeCloseTo(1.1644 * (10 * 9 + 6), 0);
  });

  test('a quarter turn reads along the other side', () => {
    const pixels = new Float32Array(4 * 4 * 3);
    sampleRegion(
      frame(16, 16, (_, y) => 16 + 10 * y),
      { x: 8, y: 8, size: 4, angle: Math.PI / 2 },
      4,
      pixels,
    );
    expect(green(pixels, 4, 3, 0)).toBeGreaterThan(green(pixels, 4, 0, 0) + 20);
    expect(green(pixels, 4, 0, 3)).toBeCloseTo(green(pixels, 4, 0, 0), 0);
  });

  test('outside the picture is black', () => {
    const pixels = new Float32Array(2 * 2 * 3).fill(9);
    sampleRegion(
      frame(8, 8, () => 200),
      { x: -20, y: 4, size: 4, angle: 0 },
      2,
      pixels,
    );
    expect([...pixels].every((value) => value < 1)).toBe(true);
  });
});

describe('boxes', () => {
  test('are even and inside the picture', () => {
    expect(evenBox(3.2, -5, 9.9, 100, { width: 20, height: 30 })).toEqual({
      x: 2,
      y: 0,
      width: 8,
      height: 30,
    });
    expect(evenBox(50, 50, 60, 60, { width: 20, height: 20 })).toMatchObject({ width: 0, height: 0 });
  });

  test('a copy holds all three planes', () => {
    const made = frame(8, 8, (x, y) => x * 10 + y);
    made.u[1 * 4 + 2] = 77;
    const copy = copyBox(made, { x: 4, y: 2, width: 4, height: 4 });
    expect(copy.y[0]).toBe(42);
    expect(copy.y[5]).toBe(53);
    expect(copy.u[0]).toBe(77);
    expect(copy.v[0]).toBe(128);
  });
});
