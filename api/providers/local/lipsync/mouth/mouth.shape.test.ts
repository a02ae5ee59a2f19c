import { describe, expect, test } from 'bun:test';
import { CHIN, lowerInner, MOUTH_LEFT, MOUTH_RIGHT, stablePoints, upperInner } from '../faces/face.mesh';
import { testFace } from '../test/made-up.face';
import { shapeMouth } from './mouth.shape';

const middle = 5;
const points = new Float32Array(468 * 2);
const yOf = (shape: Float32Array, vertex: number): number => shape[vertex * 2 + 1] ?? 0;
const gapOf = (shape: Float32Array): number =>
  yOf(shape, lowerInner[middle]) - yOf(shape, upperInner[middle]);

describe('shapeMouth', () => {
  test('opens a shut mouth by what is asked, most of it with the lower lip', () => {
    const face = testFace({ unit: 100 });
    const shape = shapeMouth(face, { aperture: 0.2, width: face.width }, points);
    expect(gapOf(shape)).toBeGreaterThan(18);
    expect(gapOf(shape)).toBeLessThan(22);
    const upperRise = (face.mesh[upperInner[middle] * 3 + 1] ?? 0) - yOf(shape, upperInner[middle]);
    expect(upperRise).toBeLessThan(6);
  });

  test('the jaw does little of a narrow opening and more of a wide one', () => {
    const face = testFace({ unit: 100 });
    const chinDrop = (aperture: number): number =>
      yOf(shapeMouth(face, { aperture, width: face.width }, points), CHIN) - (face.mesh[CHIN * 3 + 1] ?? 0);
    expect(chinDrop(0.1)).toBeGreaterThan(1);
    expect(chinDrop(0.1)).toBeLessThan(3);
    // Beyond .12 the chin goes down by two thirds of what the lips part.
    expect(chinDrop(0.3) - chinDrop(0.2)).toBeGreaterThan(5.5);
    expect(chinDrop(0.3) - chinDrop(0.2)).toBeLessThan(8);
  });

  test('a jaw that was wide open comes back to where it is with a shut mouth', () => {
    const shut = testFace({ unit: 100 });
    const opened = shapeMouth(shut, { aperture: 0.3, width: shut.width }, points).slice();
    const mesh = shut.mesh.slice();
    for (let vertex = 0; vertex < opened.length / 2; vertex++) {
      mesh[vertex * 3] = opened[vertex * 2] ?? 0;
      mesh[vertex * 3 + 1] = opened[vertex * 2 + 1] ?? 0;
    }
    const back = shapeMouth({ ...shut, mesh, aperture: 0.3 }, { aperture: 0, width: shut.width }, points);
    expect(Math.abs(yOf(back, CHIN) - (shut.mesh[CHIN * 3 + 1] ?? 0))).toBeLessThan(0.5);
    expect(Math.abs(gapOf(back))).toBeLessThan(1);
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
