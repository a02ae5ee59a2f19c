import { type Canvas, createCanvas, Path2D, type SKRSContext2D } from '@napi-rs/canvas';
import { createRandom } from '../shared/random';

/** Small tools the drawings share. Everything here is deterministic: chance comes from a seed. */
export type Brush = SKRSContext2D;
export type Point = readonly [x: number, y: number];
export type Stops = readonly (readonly [at: number, color: string])[];

/** A rectangle of drawing space painted once at `scale` pixels per unit, to be placed in many frames. */
export type Layer = {
  readonly canvas: Canvas;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};

export type Box = { left: number; top: number; right: number; bottom: number };

/** Paints one layer: `draw` works in drawing units, the canvas holds `scale` pixels for each. */
export function paintLayer(box: Box, scale: number, draw: (brush: Brush) => void): Layer {
  const width = box.right - box.left;
  const height = box.bottom - box.top;
  const canvas = createCanvas(Math.ceil(width * scale), Math.ceil(height * scale));
  const brush = canvas.getContext('2d');
  brush.scale(scale, scale);
  brush.translate(-box.left, -box.top);
  draw(brush);
  return { canvas, left: box.left, top: box.top, width: canvas.width / scale, height: canvas.height / scale };
}

/** Puts a layer where it was painted, under the brush's present transform. */
export function place(brush: Brush, layer: Layer, dx = 0, dy = 0): void {
  brush.drawImage(layer.canvas, layer.left + dx, layer.top + dy, layer.width, layer.height);
}

/** Runs `draw` between save and restore. */
export function within(brush: Brush, draw: () => void): void {
  brush.save();
  draw();
  brush.restore();
}

/** A path through all points (Catmull-Rom as cubic Béziers, tension 1/6 of the neighbours' chord). */
export function curve(points: readonly Point[], closed = false): Path2D {
  const path = new Path2D();
  traceCurve(path, points, closed);
  return path;
}

/** The same curve, appended to a path or to a brush's current path. */
export function traceCurve(path: Path2D | Brush, points: readonly Point[], closed = false): void {
  const count = points.length;
  const at = (index: number): Point => {
    const wrapped = closed ? (index + count) % count : Math.min(Math.max(index, 0), count - 1);
    return points[wrapped] ?? [0, 0];
  };
  path.moveTo(...at(0));
  for (let i = 0; i < (closed ? count : count - 1); i++) {
    const [ax, ay] = at(i - 1);
    const [bx, by] = at(i);
    const [cx, cy] = at(i + 1);
    const [dx, dy] = at(i + 2);
    path.bezierCurveTo(
      bx + (cx - ax) / 6,
      by + (cy - ay) / 6,
      cx - (dx - bx) / 6,
      cy - (dy - by) / 6,
      cx,
      cy,
    );
  }
  if (closed) path.closePath();
}

/** The points of the right half (x > 0, top to bottom) and their mirror image, as one outline. */
export function mirrored(right: readonly Point[]): Point[] {
  return [
    ...right,
    ...right
      .slice()
      .reverse()
      .filter(([x]) => x !== 0)
      .map(([x, y]): Point => [-x, y]),
  ];
}

/** Fills a path with blurred edges; `blur` is the deviation in pixels of the layer. */
export function soft(
  brush: Brush,
  path: Path2D,
  color: string,
  blur: number,
  mode: GlobalMode = 'source-over',
) {
  within(brush, () => {
    brush.filter = `blur(${blur}px)`;
    brush.globalCompositeOperation = mode;
    brush.fillStyle = color;
    brush.fill(path);
  });
}

/** Strokes a path with blurred edges. */
export function softLine(
  brush: Brush,
  path: Path2D,
  color: string,
  width: number,
  blur: number,
  mode: GlobalMode = 'source-over',
): void {
  within(brush, () => {
    brush.filter = blur > 0 ? `blur(${blur}px)` : 'none';
    brush.globalCompositeOperation = mode;
    brush.lineCap = 'round';
    brush.lineJoin = 'round';
    brush.lineWidth = width;
    brush.strokeStyle = color;
    brush.stroke(path);
  });
}

type GlobalMode = Brush['globalCompositeOperation'];

/** A round glow: full colour in the middle, nothing at the rim. Ellipses by `ry`. */
export function glow(
  brush: Brush,
  [x, y]: Point,
  rx: number,
  ry: number,
  color: Rgb,
  alpha: number,
  mode: GlobalMode = 'source-over',
): void {
  within(brush, () => {
    brush.translate(x, y);
    brush.scale(1, ry / rx);
    const fill = brush.createRadialGradient(0, 0, 0, 0, 0, rx);
    // Smoothstep sampled at five places: a linear ramp would show its rim as a ring.
    for (const at of [0, 0.25, 0.5, 0.75, 1]) {
      const left = 1 - at;
      fill.addColorStop(at, rgba(color, alpha * left * left * (3 - 2 * left)));
    }
    brush.globalCompositeOperation = mode;
    brush.fillStyle = fill;
    brush.fillRect(-rx, -rx, 2 * rx, 2 * rx);
  });
}

export function linear(brush: Brush, from: Point, to: Point, stops: Stops) {
  const fill = brush.createLinearGradient(...from, ...to);
  for (const [at, color] of stops) fill.addColorStop(at, color);
  return fill;
}

export function radial(brush: Brush, [x, y]: Point, inner: number, outer: number, stops: Stops) {
  const fill = brush.createRadialGradient(x, y, inner, x, y, outer);
  for (const [at, color] of stops) fill.addColorStop(at, color);
  return fill;
}

export function ellipse(x: number, y: number, rx: number, ry: number, turn = 0): Path2D {
  const path = new Path2D();
  path.ellipse(x, y, rx, ry, turn, 0, 2 * Math.PI);
  return path;
}

export type Rgb = readonly [number, number, number];

export function rgba([r, g, b]: Rgb, alpha = 1): string {
  return `rgba(${Math.round(r)},${Math.round(g)},${Math.round(b)},${alpha.toFixed(4)})`;
}

export function mix(from: Rgb, to: Rgb, share: number): Rgb {
  return [blend(from[0], to[0], share), blend(from[1], to[1], share), blend(from[2], to[2], share)];
}

export function blend(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** Numbers in [0, 1) that are the same on every machine. */
export function seeded(seed: number): () => number {
  return createRandom(seed).next;
}
