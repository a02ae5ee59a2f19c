import { smoothstep } from '../../../../shared/numbers';
import { canonical, faceOval, lowerLip, triangles, upperLip, VERTEX_COUNT } from '../faces/face.mesh';

/** Around the lips the source frame's skin fades into the own frame's over this many eye distances. */
const FADE_FROM = 0.03;
const FADE_TO = 0.17;

/** 1 on the lips, falling to 0 in the skin around them: how much of the mouth layer is seen. */
export const mouthAlpha: Float32Array = Float32Array.from({ length: VERTEX_COUNT }, (_, vertex) => {
  if (upperLip.has(vertex) || lowerLip.has(vertex)) return 1;
  let nearest = Infinity;
  for (const lip of [...upperLip, ...lowerLip]) {
    const dx = (canonical[vertex * 2] ?? 0) - (canonical[lip * 2] ?? 0);
    const dy = (canonical[vertex * 2 + 1] ?? 0) - (canonical[lip * 2 + 1] ?? 0);
    nearest = Math.min(nearest, Math.hypot(dx, dy));
  }
  return 1 - smoothstep(FADE_FROM, FADE_TO, nearest);
});

/** The triangles that show any of the mouth layer. */
export const mouthTriangles: Uint16Array = trianglesWhere((corners) =>
  corners.some((vertex) => (mouthAlpha[vertex] ?? 0) > 0),
);

/** Corners of the ring around the face that stays still: one point per point of the oval. */
export const RING_START = VERTEX_COUNT;
export const POINT_COUNT = VERTEX_COUNT + faceOval.length;

/** The mesh and, around it, the ring in which the chin's movement dies away. */
export const skinTriangles: Uint16Array = Uint16Array.from([...triangles, ...ringTriangles()]);

function ringTriangles(): number[] {
  // The oval runs clockwise on screen; front faces run anticlockwise.
  return faceOval.flatMap((vertex, i) => {
    const next = (i + 1) % faceOval.length;
    const nextVertex = faceOval[next] ?? 0;
    return [vertex, nextVertex, RING_START + i, nextVertex, RING_START + next, RING_START + i];
  });
}

/** The mesh's triangles (three vertices each) whose corners are accepted. */
export function trianglesWhere(accept: (corners: number[]) => boolean): Uint16Array {
  const kept: number[] = [];
  for (let i = 0; i < triangles.length; i += 3) {
    const corners = [triangles[i] ?? 0, triangles[i + 1] ?? 0, triangles[i + 2] ?? 0];
    if (accept(corners)) kept.push(...corners);
  }
  return Uint16Array.from(kept);
}
