import { describe, expect, test } from 'bun:test';
import { CHIN, lowerInner, MOUTH_LEFT, MOUTH_RIGHT, stablePoints, upperInner } from '../mesh/face.mesh';
import { testFace } from '../test/made-up.face';
import { shapeMouth } from './mouth.shape';

const middle = 5;
const points = new Float32Array(468 * 2);
const yOf = (shape: Float32Array, vertex: number): number => shape[vertex * 2 + 1] ?? 0;
const gapOf = (shape: Float32Array): number =>
  yOf(shape, lowerInner[middle]) - yOf(shape, upperInner[middle]);

describe('shapeMouth', () => {
  test('opens a shut mouth by what is asked, most of it with the jaw', () => {
    const face = testFace({ unit: 100 });
    const shape = shapeMouth(face, { aperture: 0.2, width: face.width }, points);
    expect(gapOf(shape)).toBeGreaterThan(18);
    expect(gapOf(shape)).toBeLessThan(22);
    const chinDrop = yOf(shape, CHIN) - (face.mesh[CHIN * 3 + 1] ?? 0);
    expect(chinDrop).toBeGreaterThan(8);
    const upperRise = (face.mesh[upperInner[middle] * 3 + 1] ?? 0) - yOf(shape, upperInner[middle]);
    expect(upperRise).toBeLessThan(6);
  });

  test('shuts an open mouth', () => {
    const face = testFace({ unit: 100, gap: 0.2 });
    expect(face.aperture).toBeGreaterThan(0.19);
    const shape = shapeMouth(face, { aperture: 0, width: face.width }, points);
    expect(Math.abs(gapOf(shape))).toBeLessThan(0.5);
  });

  test('leaves what speech does not move where it is', () => {
    const face = testFace();
    const shape = shapeMouth(face, { aperture: 0.3, width: face.width * 1.1 }, points);
    for (const vertex of stablePoints) {
      expect(Math.abs((shape[vertex * 2] ?? 0) - (face.mesh[vertex * 3] ?? 0))).toBeLessThan(1.5);
      expect(Math.abs((shape[vertex * 2 + 1] ?? 0) - (face.mesh[vertex * 3 + 1] ?? 0))).toBeLessThan(1.5);
    }
  });

  test('brings the corners to the asked width', () => {
    const face = testFace({ unit: 100 });
    const shape = shapeMouth(face, { aperture: 0, width: face.width * 0.9 }, points);
    const width = (shape[MOUTH_RIGHT * 2] ?? 0) - (shape[MOUTH_LEFT * 2] ?? 0);
    expect(width / (face.width * 100)).toBeCloseTo(0.9, 1);
  });

  test('asking for what the mouth is moves nothing in its middle', () => {
    const face = testFace({ gap: 0.1 });
    const shape = shapeMouth(face, face, points);
    expect(Math.abs(gapOf(shape) - 100 * face.aperture)).toBeLessThan(1.5);
  });
});
