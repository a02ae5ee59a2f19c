import {
  canonical,
  lowerLip,
  MOUTH_LEFT,
  MOUTH_RIGHT,
  upperInner,
  upperLip,
  VERTEX_COUNT,
} from '../mesh/face.mesh';
import { type FaceFrame, gapAt } from './mouth.measure';

/** What the mouth shall be: inner gap and distance of the corners, in units of the eye distance. */
export type MouthShape = { aperture: number; width: number };

/** When a mouth opens, this share is the jaw's; the rest is the upper lip's (measured on talking clips). */
const JAW_SHARE = 0.82;
/** From the lower lip's edge to here (eye distances) the lip's own curve turns into the jaw's. */
const JAW_BELOW = 0.25;
/** The jaw moves whole near the middle and not at all near its corners. */
const JAW_NEAR = 0.25;
const JAW_FAR = 0.85;
/** So far above the red of the upper lip its movement is gone: the base of the nose stays. */
const UPPER_FADE = 0.2;
const UPPER_LIP_HEIGHT = 0.12;
/** Reach of a change of width, across and along the face. */
const WIDTH_REACH_X = 0.6;
const WIDTH_REACH_Y = 0.32;

type Weights = { column: number; lip: number; jaw: number; lower: boolean; width: number };

const halfMouth = ((canonical[MOUTH_RIGHT * 2] ?? 0) - (canonical[MOUTH_LEFT * 2] ?? 0)) / 2;
const weights: readonly Weights[] = Array.from({ length: VERTEX_COUNT }, (_, vertex) => weightsOf(vertex));

/**
 * Where every vertex goes, in the picture, when the mouth of `face` takes the given shape: (x, y)
 * pairs in pixels. Everything but mouth, chin and the skin between stays where it is. The inner
 * gap of the result is exactly the shape's, at the middle of the mouth.
 */
export function shapeMouth(face: FaceFrame, shape: MouthShape, into: Float32Array): Float32Array {
  const change = columnChanges(face, shape.aperture);
  const middle = shape.aperture - face.aperture;
  const stretch = face.width > 0.05 ? shape.width / face.width - 1 : 0;
  const mouthX = ((face.model[MOUTH_LEFT * 3] ?? 0) + (face.model[MOUTH_RIGHT * 3] ?? 0)) / 2;
  const { rotation: r, scale } = face.pose;
  for (let vertex = 0; vertex < VERTEX_COUNT; vertex++) {
    const weight = weights[vertex];
    if (!weight) continue;
    const across = stretch * weight.width * ((face.model[vertex * 3] ?? 0) - mouthX);
    const own = sampleColumns(change, weight.column);
    const down = weight.lower
      ? JAW_SHARE * (weight.lip * own + weight.jaw * middle)
      : -(1 - JAW_SHARE) * weight.lip * own;
    into[vertex * 2] = (face.mesh[vertex * 3] ?? 0) + scale * ((r[0] ?? 0) * across + (r[1] ?? 0) * down);
    into[vertex * 2 + 1] =
      (face.mesh[vertex * 3 + 1] ?? 0) + scale * ((r[3] ?? 0) * across + (r[4] ?? 0) * down);
  }
  return into;
}

/** How round the opening is: its height at a place across the mouth, -1 and 1 being the corners. */
export function openingProfile(across: number): number {
  return Math.max(0, 1 - across * across) ** 0.9;
}

/** By how much the gap changes at each of the eleven columns. */
function columnChanges(face: FaceFrame, aperture: number): Float32Array {
  const columns = upperInner.length;
  const change = new Float32Array(columns);
  for (let column = 1; column < columns - 1; column++) {
    const across = (canonical[(upperInner[column] ?? 0) * 2] ?? 0) / halfMouth;
    change[column] = aperture * openingProfile(across) - gapAt(face.model, column);
  }
  return change;
}

function sampleColumns(change: Float32Array, column: number): number {
  const left = Math.max(0, Math.min(change.length - 2, Math.floor(column)));
  const part = column - left;
  return (change[left] ?? 0) * (1 - part) + (change[left + 1] ?? 0) * part;
}

function weightsOf(vertex: number): Weights {
  const x = canonical[vertex * 2] ?? 0;
  const y = canonical[vertex * 2 + 1] ?? 0;
  const lower = lowerLip.has(vertex) || (!upperLip.has(vertex) && y > 0);
  const within = Math.abs(x) < halfMouth ? 1 : 0;
  const width = Math.exp(-((x / WIDTH_REACH_X) ** 4) - (y / WIDTH_REACH_Y) ** 4);
  if (!lower) {
    const above = -y - UPPER_LIP_HEIGHT;
    const lip = within * (1 - smoothstep(0, UPPER_FADE, above));
    return { column: columnOf(x), lip, jaw: 0, lower, width };
  }
  const below = smoothstep(0, JAW_BELOW, y);
  const jaw = below * (1 - smoothstep(JAW_NEAR, JAW_FAR, Math.abs(x)));
  return { column: columnOf(x), lip: within * (1 - below), jaw, lower, width };
}

/** The fractional column (0..10) of a canonical x. */
function columnOf(x: number): number {
  const places = upperInner.map((index) => canonical[index * 2] ?? 0);
  for (let i = 0; i + 1 < places.length; i++) {
    const from = places[i] ?? 0;
    const to = places[i + 1] ?? 0;
    if (x <= to || i + 2 === places.length) return i + Math.max(0, Math.min(1, (x - from) / (to - from)));
  }
  return 0;
}

export function smoothstep(from: number, to: number, value: number): number {
  const t = Math.max(0, Math.min(1, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}
