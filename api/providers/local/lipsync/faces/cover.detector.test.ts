import { describe, expect, test } from 'bun:test';
import { type YuvFrame, yuvBytes, yuvFrame } from '../pictures/yuv.frame';
import { testMesh } from '../test/made-up.face';
import { coveredFrames, foreignShare, sampleFace } from './cover.detector';

const mesh = testMesh({ unit: 100, x: 200, y: 220 });
function face(light: number, cover: boolean): YuvFrame {
  const frame = yuvFrame(400, 400, new Uint8Array(yuvBytes(400, 400)));
  frame.y.fill(140 * light);
  frame.u.fill(115);
  frame.v.fill(150);
  if (!cover) return frame;
  for (let y = 180; y < 300; y++) {
    for (let x = 130; x < 270; x++) {
      frame.y[y * 400 + x] = 60;
      frame.u[(y >> 1) * 200 + (x >> 1)] = 128;
      frame.v[(y >> 1) * 200 + (x >> 1)] = 128;
    }
  }
  return frame;
}
const sample = (light: number, cover: boolean) => sampleFace(face(light, cover), mesh);

describe('coveredFrames', () => {
  test('finds the frames with a hand over the mouth, and a little around them', () => {
    const samples = Array.from({ length: 30 }, (_, i) => sample(1, i >= 10 && i < 16));
    const covered = coveredFrames(samples);
    expect(covered.slice(10, 16).every(Boolean)).toBe(true);
    expect(covered.slice(0, 8).some(Boolean)).toBe(false);
    expect(covered.slice(18).some(Boolean)).toBe(false);
  });

  test('light that gets brighter covers nothing', () => {
    expect(foreignShare(sample(1.3, false), sample(1, false))).toBeLessThan(0.1);
    expect(foreignShare(sample(1, true), sample(1, false))).toBeGreaterThan(0.6);
  });

  test('frames without a face are not covered, nor is a track without samples', () => {
    expect(coveredFrames([null, null])).toEqual([false, false]);
    expect(coveredFrames([sample(1, false), null])).toEqual([false, false]);
  });
});
