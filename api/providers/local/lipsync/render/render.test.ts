import { describe, expect, test } from 'bun:test';
import { cutMouth } from '../mouth/mouth.library';
import { measureFace, referenceOf } from '../mouth/mouth.measure';
import { shapeMouth } from '../mouth/mouth.shape';
import { mouthAlpha } from '../mouth/mouth.weights';
import { type YuvFrame, yuvBytes, yuvFrame } from '../pictures/yuv.frame';
import { testMesh } from '../test/made-up.face';
import { drawnMouthColour } from './drawn.mouth';
import { createFaceRenderer } from './face.renderer';
import { ringOffset } from './mouth.composite';
import { depthInSource, edgeAt, middleGap, openingOf } from './opening';
import { type Plane, warpTriangles } from './triangle.warp';

const SIZE = 400;
const colours = { lip: { y: 110, u: 118, v: 160 }, skin: { y: 150, u: 116, v: 148 } };

function skin(luma = 150): YuvFrame {
  const frame = yuvFrame(SIZE, SIZE, new Uint8Array(yuvBytes(SIZE, SIZE)));
  frame.y.forEach((_, i) => {
    frame.y[i] = luma + ((i % SIZE) % 7);
  });
  frame.u.fill(116);
  frame.v.fill(148);
  return frame;
}

describe('warpTriangles', () => {
  const plane = (values: (x: number, y: number) => number): Plane => ({
    data: Uint8Array.from({ length: 64 }, (_, i) => values(i % 8, i >> 3)),
    width: 8,
    height: 8,
    originX: 0,
    originY: 0,
    scale: 1,
  });
  const square = Float32Array.of(0, 0, 0, 8, 8, 8, 8, 0);
  const two = [0, 1, 2, 0, 2, 3];

  test('without movement the picture stays, every pixel of it', () => {
    const source = plane((x, y) => 10 * x + y);
    const target = plane(() => 0);
    warpTriangles(two, square, source, square, target);
    for (let y = 1; y < 7; y++) {
      for (let x = 1; x < 7; x++) {
        expect(Math.abs((target.data[y * 8 + x] ?? 0) - (10 * x + y))).toBeLessThanOrEqual(1);
      }
    }
  });

  test('a shift moves it, and alpha runs from corner to corner', () => {
    const target = plane(() => 0);
    const alpha = { plane: new Float32Array(64), vertex: Float32Array.of(0, 0, 1, 1) };
    const shifted = square.map((value, i) => (i % 2 === 0 ? value - 2 : value));
    warpTriangles(
      two,
      shifted,
      plane((x) => 20 * x),
      square,
      target,
      alpha,
    );
    expect(target.data[3 * 8 + 5]).toBeCloseTo(60, -0.5);
    expect(alpha.plane[3 * 8 + 1]).toBeLessThan(0.3);
    expect(alpha.plane[3 * 8 + 6]).toBeGreaterThan(0.7);
  });

  test('triangles that face away are not drawn', () => {
    const target = plane(() => 7);
    warpTriangles(
      [0, 2, 1, 0, 3, 2],
      square,
      plane(() => 200),
      square,
      target,
    );
    expect([...target.data].every((value) => value === 7)).toBe(true);
  });
});

describe('opening', () => {
  test('reads the gap and the edges of an open mouth', () => {
    const opening = openingOf(testMesh({ unit: 100, gap: 0.2 }), 3);
    expect(middleGap(opening)).toBeCloseTo(20.7, 0);
    expect(edgeAt(opening.upper, 0)).toBeCloseTo(0, 0);
    expect(opening.width).toBeGreaterThan(30);
  });

  test('teeth stay with the upper lip; beyond the largest stretch a dark band opens', () => {
    expect(depthInSource(5, 10, 10)).toEqual({ depth: 5, dark: 0 });
    expect(depthInSource(1, 40, 10).depth).toBeLessThan(1);
    expect(depthInSource(1, 40, 10).dark).toBe(0);
    expect(depthInSource(20, 40, 10).dark).toBe(1);
    expect(depthInSource(39.9, 40, 10).depth).toBeGreaterThan(9.5);
  });

  test('a drawn mouth is dark with a hint of teeth under the upper lip', () => {
    const deep = drawnMouthColour(0, 0.11, 0.2, colours);
    const teeth = drawnMouthColour(0.05, 0.03, 0.2, colours);
    const corner = drawnMouthColour(0.95, 0.03, 0.2, colours);
    expect(deep.y).toBeLessThan(60);
    expect(teeth.y).toBeGreaterThan(deep.y + 15);
    expect(corner.y).toBeLessThan(45);
  });
});

describe('createFaceRenderer', () => {
  const mesh = testMesh({ unit: 100, x: 200, y: 200 });
  const face = measureFace(mesh, referenceOf([mesh]));
  const edit = (frame: YuvFrame, aperture: number, strength = 1) => ({
    mesh,
    colours,
    strength,
    unit: 100,
    shape: shapeMouth(face, { aperture, width: face.width }, new Float32Array(468 * 2)).slice(),
    sources: [{ ...cutMouth(0, frame, mesh), mesh, share: 1 }],
  });

  test('opens a dark mouth, and nothing outside the face changes', () => {
    const frame = skin();
    const before = frame.data.slice();
    const box = createFaceRenderer()(frame, edit(frame, 0.25));
    expect(box).not.toBeNull();
    const middle = 207 * SIZE + 200;
    expect(frame.y[middle]).toBeLessThan(80);
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        const inBox = box && x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
        if (!inBox) expect(frame.y[y * SIZE + x]).toBe(before[y * SIZE + x] ?? 0);
      }
    }
    expect(box?.y).toBeGreaterThan(120);
  });

  test('a mouth that is as it shall be keeps its pixels', () => {
    const frame = skin();
    const before = frame.data.slice();
    createFaceRenderer()(frame, edit(frame, face.aperture));
    const worst = frame.data.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (before[i] ?? 0))),
      0,
    );
    expect(worst).toBeLessThanOrEqual(12);
  });

  test('a lender in other light leaves no seam', () => {
    const frame = skin(150);
    const lender = skin(120);
    const request = { ...edit(frame, 0), sources: [{ ...cutMouth(0, lender, mesh), mesh, share: 1 }] };
    createFaceRenderer()(frame, request);
    const nearLips = frame.y[(200 + 16) * SIZE + 200] ?? 0;
    expect(Math.abs(nearLips - 153)).toBeLessThan(10);
  });

  test('the offset is the mean difference in the half-seen ring', () => {
    const box = { x: 0, y: 0, width: 4, height: 1 };
    const alpha = Float32Array.of(0, 0.5, 0.5, 1);
    expect(ringOffset(Uint8Array.of(9, 50, 60, 9), 4, box, Uint8Array.of(0, 40, 50, 200), alpha)).toBe(10);
    expect(
      ringOffset(Uint8Array.of(9, 9, 9, 9), 4, box, Uint8Array.of(0, 0, 0, 0), new Float32Array(4)),
    ).toBe(0);
  });

  test('the mouth layer ends before nose and chin', () => {
    expect(mouthAlpha[13]).toBe(1);
    expect(mouthAlpha[1]).toBe(0);
    expect(mouthAlpha[152]).toBe(0);
  });
});
