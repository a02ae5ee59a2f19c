/** One 8-bit plane. `originX/Y`: where its first pixel lies in the picture; `scale`: 1 luma, .5 chroma. */
export type Plane = {
  data: Uint8Array;
  width: number;
  height: number;
  originX: number;
  originY: number;
  scale: number;
};

/** (x, y) pairs in full-size picture pixels, indexed by vertex. */
export type Points = Float32Array;

/**
 * Draws the given triangles of one plane into another: every pixel whose centre lies in a triangle
 * at its `to` corners gets the bilinear sample of the place it has in the triangle's `from` corners.
 * With `alpha`, the value of `vertexAlpha` (0..1) interpolated over the triangle is written there.
 * Triangles that face away are skipped.
 */
export function warpTriangles(
  triangles: ArrayLike<number>,
  from: Points,
  source: Plane,
  to: Points,
  target: Plane,
  alpha?: { plane: Float32Array; vertex: Float32Array },
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
  alpha: { plane: Float32Array; vertex: Float32Array } | undefined,
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
  const sbx = ((from[b * 2] ?? 0) - source.originX) * source.scale - 0.5;
  const sby = ((from[b * 2 + 1] ?? 0) - source.originY) * source.scale - 0.5;
  const scx = ((from[c * 2] ?? 0) - source.originX) * source.scale - 0.5;
  const scy = ((from[c * 2 + 1] ?? 0) - source.originY) * source.scale - 0.5;

  const top = Math.max(0, Math.ceil(Math.min(ay, by, cy)));
  const bottom = Math.min(target.height - 1, Math.floor(Math.max(ay, by, cy)));
  const maxX = source.width - 1.001;
  const maxY = source.height - 1.001;
  // Barycentric weights of b and c are linear in x and y.
  const wbX = (cy - ay) / area;
  const wbY = -(cx - ax) / area;
  const wcX = -(by - ay) / area;
  const wcY = (bx - ax) / area;
  const stepX = (sbx - sax) * wbX + (scx - sax) * wcX;
  const stepY = (sby - say) * wbX + (scy - say) * wcX;
  const alphaA = alpha?.vertex[a] ?? 0;
  const alphaB = (alpha?.vertex[b] ?? 0) - alphaA;
  const alphaC = (alpha?.vertex[c] ?? 0) - alphaA;
  const alphaStep = alphaB * wbX + alphaC * wcX;
  const data = source.data;
  const stride = source.width;

  for (let y = top; y <= bottom; y++) {
    let left = Infinity;
    let right = -Infinity;
    const edge = (x0: number, y0: number, x1: number, y1: number): void => {
      if ((y0 < y && y1 < y) || (y0 > y && y1 > y)) return;
      if (y0 === y1) {
        left = Math.min(left, x0, x1);
        right = Math.max(right, x0, x1);
        return;
      }
      const x = x0 + ((y - y0) * (x1 - x0)) / (y1 - y0);
      left = Math.min(left, x);
      right = Math.max(right, x);
    };
    edge(ax, ay, bx, by);
    edge(bx, by, cx, cy);
    edge(cx, cy, ax, ay);
    const first = Math.max(0, Math.ceil(left - 1e-4));
    const last = Math.min(target.width - 1, Math.floor(right + 1e-4));
    const wb = (first - ax) * wbX + (y - ay) * wbY;
    const wc = (first - ax) * wcX + (y - ay) * wcY;
    let sx = sax + (sbx - sax) * wb + (scx - sax) * wc;
    let sy = say + (sby - say) * wb + (scy - say) * wc;
    let opacity = alphaA + alphaB * wb + alphaC * wc;
    let out = y * target.width + first;
    for (let x = first; x <= last; x++) {
      const px = sx < 0 ? 0 : Math.min(sx, maxX);
      const py = sy < 0 ? 0 : Math.min(sy, maxY);
      const ix = px | 0;
      const iy = py | 0;
      const fx = px - ix;
      const at = iy * stride + ix;
      const upper = (data[at] ?? 0) * (1 - fx) + (data[at + 1] ?? 0) * fx;
      const lower = (data[at + stride] ?? 0) * (1 - fx) + (data[at + stride + 1] ?? 0) * fx;
      target.data[out] = upper + (lower - upper) * (py - iy) + 0.5;
      if (alpha) alpha.plane[out] = opacity;
      sx += stepX;
      sy += stepY;
      opacity += alphaStep;
      out++;
    }
  }
}
