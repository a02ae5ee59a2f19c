import { canonical, lowerLip, VERTEX_COUNT } from '../faces/face.mesh';
import { type FaceFrame, measureFace, referenceOf } from '../mouth/mouth.measure';

/**
 * A face for tests made of the canonical mesh, looking into the camera: `unit` pixels per eye
 * distance, its mouth at (x, y), the lower lip `gap` eye distances away from where it closes.
 */
export function testMesh(
  options: { unit?: number; x?: number; y?: number; gap?: number } = {},
): Float32Array {
  const { unit = 100, x = 200, y = 200, gap = 0 } = options;
  const mesh = new Float32Array(VERTEX_COUNT * 3);
  for (let vertex = 0; vertex < VERTEX_COUNT; vertex++) {
    const across = canonical[vertex * 2] ?? 0;
    const down = (canonical[vertex * 2 + 1] ?? 0) + (lowerLip.has(vertex) ? gap : 0);
    mesh[vertex * 3] = x + unit * across;
    mesh[vertex * 3 + 1] = y + unit * down;
    // A head is round: its sides lie further from the camera.
    mesh[vertex * 3 + 2] = unit * across * across * 0.5;
  }
  return mesh;
}

/** The same, measured against its own closed shape. */
export function testFace(options: { unit?: number; x?: number; y?: number; gap?: number } = {}): FaceFrame {
  return measureFace(testMesh(options), referenceOf([testMesh({ ...options, gap: 0 })]));
}
