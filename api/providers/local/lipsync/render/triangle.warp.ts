import type { YuvFrame } from '../pictures/yuv.frame';

/**
 * A plane of a picture, or two of the same size (both chroma planes). `originX/Y`: where its first
 * pixel lies in the picture; `scale`: its pixels per luma pixel, 1 or .5.
 */
export type Plane = {
  data: Uint8Array;
  second?: Uint8Array | undefined;
  width: number;
  height: number;
  originX: number;
  originY: number;
  scale: number;
};

/** The luma plane, and both chroma planes as one, of a picture whose corner lies at (originX, originY). */
export function planesOf(frame: YuvFrame, originX: number, originY: number): { luma: Plane; chroma: Plane } {
  const { width, height } = frame;
  return {
    luma: { data: frame.y, width, height, originX, originY, scale: 1 },
    chroma: {
      data: frame.u,
      second: frame.v,
      width: width >> 1,
      height: height >> 1,
      originX,
      originY,
      scale: 0.5,
    },
  };
}

/** (x, y) pairs in full-size picture pixels, indexed by vertex. */
export type Points = Float32Array;

/** How much of each pixel is seen: per vertex 0..1, interpolated into a plane of the target's size. */
export type Alpha = { plane: Float32Array; vertex: Float32Array };

/** The left and right end of a triangle on one line of pixels. */
const span = { left: 0, right: 0 };

/**
 * Draws the given triangles of one plane into another: every pixel whose centre lies in a triangle
 * at its `to` corners gets the bilinear sample of the place it has in the triangle's `from` corners.
 * With `alpha`, the value interpolated over the triangle is written beside. Triangles that face
 * away are skipped.
 */
export function warpTriangles(
  triangles: ArrayLike<number>,
  from: Points,
  source: Plane,
  to: Points,
  target: Plane,
  alpha?: Alpha,
): void {
  for (let index = 0; index + 2 < triangles.length; index += 3) {
    const a = triangles[index] ?? 0;
    const b = triangles[index + 1] ?? 0;
    const c = triangles[index + 2] ?? 0;
    warpTriangle(a, b, c, from, source, to, target, alpha);
  }
}

function warpTriangle(
  a: number,
  b: number,
  c: number,
  from: Points,
  source: Plane,
  to: Points,
  target: Plane,
  alpha: Alpha | undefined,
): void {
  // Into the target plane's pixels, with pixel centres on whole numbers.
  const ax = ((to[a * 2] ?? 0) - target.originX) * target.scale - 0.5;
  const ay = ((to[a * 2 + 1] ?? 0) - target.originY) * target.scale - 0.5;
  const bx = ((to[b * 2] ?? 0) - target.originX) * target.scale - 0.5;
  const by = ((to[b * 2 + 1] ?? 0) - target.originY) * target.scale - 0.5;
  const cx = ((to[c * 2] ?? 0) - target.originX) * target.scale - 0.5;
  const cy = ((to[c * 2 + 1] ?? 0) - target.originY) * target.scale - 0.5;
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
  // The mesh's front faces run anticlockwise on screen.
  if (area > -1e-6) return;
  const sax = ((from[a * 2] ?? 0) - source.originX) * source.scale - 0.5;
  const say = ((from[a * 2 + 1] ?? 0) - source.originY) * source.scale - 0.5;
  const sbx = ((from[b * 2] ?? 0) - source.originX) * source.scale - 0.5 - sax;
  const sby = ((from[b * 2 + 1] ?? 0) - source.originY) * source.scale - 0.5 - say;
  const scx = ((from[c * 2] ?? 0) - source.originX) * source.scale - 0.5 - sax;
  const scy = ((from[c * 2 + 1] ?? 0) - source.originY) * source.scale - 0.5 - say;
  // Barycentric weights of b and c, and all that follows from them, are linear in x and y.
  const wbX = (cy - ay) / area;
  const wbY = (ax - cx) / area;
  const wcX = (ay - by) / area;
  const wcY = (bx - ax) / area;
  const stepX = sbx * wbX + scx * wcX;
  const stepY = sby * wbX + scy * wcX;
  const alphaA = alpha?.vertex[a] ?? 0;
  const alphaB = (alpha?.vertex[b] ?? 0) - alphaA;
  const alphaC = (alpha?.vertex[c] ?? 0) - alphaA;
  const alphaStep = alphaB * wbX + alphaC * wcX;

  const top = Math.max(0, Math.ceil(Math.min(ay, by, cy)));
  const bottom = Math.min(target.height - 1, Math.floor(Math.max(ay, by, cy)));
  for (let y = top; y <= bottom; y++) {
    span.left = Infinity;
    span.right = -Infinity;
    widen(y, ax, ay, bx, by);
    widen(y, bx, by, cx, cy);
    widen(y, cx, cy, ax, ay);
    const first = Math.max(0, Math.ceil(span.left - 1e-4));
    const last = Math.min(target.width - 1, Math.floor(span.right + 1e-4));
    if (last < first) continue;
    const wb = (first - ax) * wbX + (y - ay) * wbY;
    const wc = (first - ax) * wcX + (y - ay) * wcY;
    const sx = sax + sbx * wb + scx * wc;
    const sy = say + sby * wb + scy * wc;
    const out = y * target.width + first;
    const count = last - first + 1;
    drawLine(source, source.data, target.data, out, count, sx, sy, stepX, stepY);
    if (source.second && target.second) {
      drawLine(source, source.second, target.second, out, count, sx, sy, stepX, stepY);
    }
    if (alpha) {
      let opacity = alphaA + alphaB * wb + alphaC * wc;
      for (let i = out; i < out + count; i++, opacity += alphaStep) alpha.plane[i] = opacity;
    }
  }
}

/** Widens the span by where an edge crosses the line y. */
function widen(y: number, x0: number, y0: number, x1: number, y1: number): void {
  if ((y0 < y && y1 < y) || (y0 > y && y1 > y)) return;
  const x = y0 === y1 ? x0 : x0 + ((y - y0) * (x1 - x0)) / (y1 - y0);
  if (x < span.left) span.left = x;
  if (x > span.right) span.right = x;
  if (y0 === y1) {
    if (x1 < span.left) span.left = x1;
    if (x1 > span.right) span.right = x1;
  }
}

/** Copies `count` pixels into one line, sampled bilinearly along a straight path through the source. */
function drawLine(
  source: Plane,
  data: Uint8Array,
  target: Uint8Array,
  out: number,
  count: number,
  startX: number,
  startY: number,
  stepX: number,
  stepY: number,
): void {
  const stride = source.width;
  const maxX = source.width - 1.001;
  const maxY = source.height - 1.001;
  let sx = startX;
  let sy = startY;
  for (let i = out; i < out + count; i++) {
    const px = sx < 0 ? 0 : Math.min(sx, maxX);
    const py = sy < 0 ? 0 : Math.min(sy, maxY);
    const ix = px | 0;
    const iy = py | 0;
    const fx = px - ix;
    const at = iy * stride + ix;
    const upper = (data[at] ?? 0) * (1 - fx) + (data[at + 1] ?? 0) * fx;
    const lower = (data[at + stride] ?? 0) * (1 - fx) + (data[at + stride + 1] ?? 0) * fx;
    target[i] = upper + (lower - upper) * (py - iy) + 0.5;
    sx += stepX;
    sy += stepY;
  }
}
