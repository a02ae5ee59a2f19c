import { lowerInner, upperInner } from '../faces/face.mesh';

/** How finely the lips' inner edges are tabulated from corner to corner. */
const SAMPLES = 33;

/**
 * The opening between the lips in the picture: a frame whose x runs from the left corner to the
 * right one, and both inner edges as heights below that line, at SAMPLES equal steps. In pixels.
 */
export type Opening = {
  x: number;
  y: number;
  /** Unit vector from corner to corner; down is (-sin, cos). */
  cos: number;
  sin: number;
  width: number;
  upper: Float32Array;
  lower: Float32Array;
};

/** Reads the opening from points that lie `stride` numbers apart (2 for points, 3 for a mesh). */
export function openingOf(points: ArrayLike<number>, stride: number): Opening {
  const first = upperInner[0];
  const last = upperInner[upperInner.length - 1] ?? 0;
  const x = points[first * stride] ?? 0;
  const y = points[first * stride + 1] ?? 0;
  const dx = (points[last * stride] ?? 0) - x;
  const dy = (points[last * stride + 1] ?? 0) - y;
  const width = Math.hypot(dx, dy) || 1;
  const opening = { x, y, cos: dx / width, sin: dy / width, width };
  return {
    ...opening,
    upper: edge(points, stride, upperInner, opening),
    lower: edge(points, stride, lowerInner, opening),
  };
}

/** The rectangle of the picture that holds the whole opening. */
export function boundsOf(opening: Opening): { left: number; top: number; right: number; bottom: number } {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const heights of [opening.upper, opening.lower]) {
    heights.forEach((height, i) => {
      const along = (i / (SAMPLES - 1)) * opening.width;
      const x = opening.x + along * opening.cos - height * opening.sin;
      const y = opening.y + along * opening.sin + height * opening.cos;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    });
  }
  return { left, top, right, bottom };
}

/** The height of an edge at a place 0..1 between the corners. */
export function edgeAt(edgeHeights: Float32Array, place: number): number {
  const position = Math.max(0, Math.min(SAMPLES - 1.001, place * (SAMPLES - 1)));
  const left = position | 0;
  const part = position - left;
  return (edgeHeights[left] ?? 0) * (1 - part) + (edgeHeights[left + 1] ?? 0) * part;
}

/** The opening's height in its middle, in pixels; never negative. */
export function middleGap(opening: Opening): number {
  return Math.max(0, edgeAt(opening.lower, 0.5) - edgeAt(opening.upper, 0.5));
}

function edge(
  points: ArrayLike<number>,
  stride: number,
  indices: readonly number[],
  frame: { x: number; y: number; cos: number; sin: number; width: number },
): Float32Array {
  const local = indices.map((index) => {
    const dx = (points[index * stride] ?? 0) - frame.x;
    const dy = (points[index * stride + 1] ?? 0) - frame.y;
    return { x: dx * frame.cos + dy * frame.sin, y: -dx * frame.sin + dy * frame.cos };
  });
  const heights = new Float32Array(SAMPLES);
  let segment = 0;
  for (let i = 0; i < SAMPLES; i++) {
    const x = (i / (SAMPLES - 1)) * frame.width;
    while (segment < local.length - 2 && x > (local[segment + 1]?.x ?? 0)) segment++;
    const from = local[segment] ?? { x: 0, y: 0 };
    const to = local[segment + 1] ?? from;
    const part = to.x > from.x ? Math.max(0, Math.min(1, (x - from.x) / (to.x - from.x))) : 0;
    heights[i] = from.y + (to.y - from.y) * part;
  }
  return heights;
}

/** The most that teeth and tongue are stretched: beyond it they look drawn out (tried on talking clips). */
const MOST_STRETCH = 1.35;

/** The lower part of what is shown fades into the dark below it over this share of its height. */
const FADE = 0.35;

/**
 * Where in a source opening of height `sourceGap` the point lies that shall be seen `depth` below
 * the upper lip of an opening of height `gap`. Beyond the largest stretch the source (its teeth)
 * stays with the upper lip and below it opens the dark: `dark` is 0..1. A source's lower edge is not
 * kept at the lower lip: in a nearly shut mouth that edge is teeth too, and looked like a white line.
 */
export function depthInSource(
  depth: number,
  gap: number,
  sourceGap: number,
): { depth: number; dark: number } {
  const shown = sourceGap * MOST_STRETCH;
  if (gap <= shown || gap <= 0) return { depth: gap > 0 ? (depth * sourceGap) / gap : 0, dark: 0 };
  const soft = Math.max(1, shown * FADE);
  const dark = Math.max(0, Math.min(1, (depth - shown + soft) / soft));
  return { depth: Math.min(depth / MOST_STRETCH, sourceGap), dark };
}
