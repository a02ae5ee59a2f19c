import { CHIN, OUTER_EYE_LEFT, OUTER_EYE_RIGHT, VERTEX_COUNT } from './face.mesh';

const FOREHEAD = 10;
const NOSE_BASE = 2;

/**
 * A mesh turned to look straight ahead, in units of the outer eye corners' distance with the nose
 * base as its origin: the model that every frame of the same face is fitted to.
 * x runs from the left eye to the right one, y down the face, z away from the camera.
 */
export function frontal(mesh: ArrayLike<number>): Float32Array {
  const point = (vertex: number): [number, number, number] => [
    mesh[vertex * 3] ?? 0,
    mesh[vertex * 3 + 1] ?? 0,
    mesh[vertex * 3 + 2] ?? 0,
  ];
  const across = difference(point(OUTER_EYE_RIGHT), point(OUTER_EYE_LEFT));
  const unit = Math.hypot(...across) || 1;
  const x = scaled(across, 1 / unit);
  // In MediaPipe's canonical head forehead and chin lie one above the other (z 4.48 and 4.26).
  const long = difference(point(CHIN), point(FOREHEAD));
  const along = dot(long, x);
  const upright: Vector = [long[0] - along * x[0], long[1] - along * x[1], long[2] - along * x[2]];
  const y = scaled(upright, 1 / (Math.hypot(...upright) || 1));
  const z: Vector = [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]];
  const origin = point(NOSE_BASE);
  const result = new Float32Array(VERTEX_COUNT * 3);
  for (let vertex = 0; vertex < VERTEX_COUNT; vertex++) {
    const from = difference(point(vertex), origin);
    result[vertex * 3] = dot(from, x) / unit;
    result[vertex * 3 + 1] = dot(from, y) / unit;
    result[vertex * 3 + 2] = dot(from, z) / unit;
  }
  return result;
}

type Vector = [number, number, number];

function difference(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function scaled(a: Vector, factor: number): Vector {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
