import { OUTER_EYE_LEFT, OUTER_EYE_RIGHT, VERTEX_COUNT } from '../mesh/face.mesh';
import type { Detection } from '../models/blazeface.decode';
import type { Region } from '../pixels/crop.sampler';

/** The mesh model was trained on faces with a quarter of their size around them (MediaPipe's graph). */
const MARGIN = 1.5;

/** Where to read the mesh of a face that the detector found. */
export function regionOfDetection(found: Detection): Region {
  return { x: found.x, y: found.y, size: found.size * MARGIN, angle: found.angle };
}

/** Where to read the next mesh of a face whose mesh is known: upright by its eyes, around its box. */
export function regionOfMesh(mesh: Float32Array): Region {
  const angle = Math.atan2(
    value(mesh, OUTER_EYE_RIGHT, 1) - value(mesh, OUTER_EYE_LEFT, 1),
    value(mesh, OUTER_EYE_RIGHT, 0) - value(mesh, OUTER_EYE_LEFT, 0),
  );
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let vertex = 0; vertex < VERTEX_COUNT; vertex++) {
    const x = value(mesh, vertex, 0) * cos + value(mesh, vertex, 1) * sin;
    const y = -value(mesh, vertex, 0) * sin + value(mesh, vertex, 1) * cos;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const x = (left + right) / 2;
  const y = (top + bottom) / 2;
  return {
    x: x * cos - y * sin,
    y: x * sin + y * cos,
    size: MARGIN * Math.max(right - left, bottom - top),
    angle,
  };
}

function value(mesh: Float32Array, vertex: number, axis: number): number {
  return mesh[vertex * 3 + axis] ?? 0;
}
