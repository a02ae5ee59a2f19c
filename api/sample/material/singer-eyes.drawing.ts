import { Path2D } from '@napi-rs/canvas';
import {
  type Brush,
  blend,
  curve,
  glow,
  linear,
  type Point,
  radial,
  softLine,
  within,
} from '../../drawing/paint';

/** Where the pupils are, in face units. */
const eyeX = 95;
const eyeY = 2;

/** The lids' edges for one eye with the nose on its left, as offsets from the eye's middle. */
const inner: Point = [-53, 10];
const outer: Point = [54, -7];
const upper: Point[] = [
  [-36, -9],
  [-8, -23],
  [24, -22],
];
const lower: Point[] = [
  [34, 13],
  [6, 20],
  [-26, 18],
];

/** Both eyes, looking at the viewer, with the lids `closed` 0 (open) to 1. */
export function paintEyes(brush: Brush, scale: number, closed: number): void {
  for (const side of [-1, 1]) {
    within(brush, () => {
      brush.translate(side * eyeX, eyeY);
      brush.scale(side, 1);
      paintEye(brush, scale, closed, side < 0);
    });
  }
}

function paintEye(brush: Brush, scale: number, closed: number, lit: boolean): void {
  const lid = upper.map(([x, y], i): Point => {
    // A shut lid lies on the lower one, which hardly rises.
    const rest = lower[lower.length - 1 - i] ?? [x, y];
    return [blend(x, rest[0], closed * 0.6), blend(y, rest[1] - 1, closed)];
  });
  const top: Point[] = [inner, ...lid, outer];
  const bottom = [outer, ...lower, inner];
  const almond = curve([inner, ...lid, outer, ...lower], true);
  if (closed < 0.97) {
    within(brush, () => {
      brush.clip(almond);
      paintBall(brush, lit);
      // The lid's shadow on the ball.
      softLine(brush, curve(top), 'rgba(60,24,36,0.55)', 13, 4 * scale, 'multiply');
    });
  }
  if (closed > 0.05) paintLid(brush, top, lit, closed);
  // Wet edge of the lower lid and its few lashes.
  softLine(brush, curve(bottom), 'rgba(120,52,56,0.75)', 2.4, 0.8 * scale);
  softLine(
    brush,
    curve([
      [38, 15],
      [8, 24],
      [-24, 21],
    ]),
    'rgba(255,214,198,0.45)',
    2.2,
    1 * scale,
    'screen',
  );
  // The inner corner.
  glow(brush, [-47, 9], 8, 6, [222, 120, 112], 0.85);
  // Crease above the lid.
  softLine(
    brush,
    curve([
      [-44, -9 + closed * 4],
      [-30, -21 + closed * 5],
      [-4, -33 + closed * 6],
      [28, -31 + closed * 6],
      [60, -13 + closed * 2],
    ]),
    'rgba(98,38,44,0.62)',
    3.4,
    1.4 * scale,
    'multiply',
  );
  paintLashes(brush, scale, top, closed);
}

function paintBall(brush: Brush, lit: boolean): void {
  brush.fillStyle = linear(
    brush,
    [-50, 0],
    [54, 0],
    [
      [0, '#d9b9b2'],
      [0.3, lit ? '#f6ece6' : '#e6d6d4'],
      [0.7, lit ? '#f4e8e2' : '#dccbcc'],
      [1, '#b9969a'],
    ],
  );
  brush.fillRect(-60, -40, 120, 80);
  const center: Point = [0, -2];
  const size = 25.5;
  brush.beginPath();
  brush.arc(...center, size, 0, 2 * Math.PI);
  brush.fillStyle = radial(brush, center, 3, size, [
    [0, '#3a2414'],
    [0.45, '#7a4a22'],
    [0.78, '#5c3a20'],
    [0.92, '#2c1a14'],
    [1, '#1c1012'],
  ]);
  brush.fill();
  // Fibres, brighter below, where the light leaves the iris.
  for (let i = 0; i < 46; i++) {
    const angle = (i / 46) * 2 * Math.PI;
    const bright = 0.1 + 0.32 * Math.max(0, Math.sin(angle));
    const ray = new Path2D();
    ray.moveTo(center[0] + Math.cos(angle) * 11, center[1] + Math.sin(angle) * 11);
    ray.lineTo(
      center[0] + Math.cos(angle) * (19 + (i % 4) * 1.4),
      center[1] + Math.sin(angle) * (19 + (i % 4) * 1.4),
    );
    softLine(brush, ray, `rgba(240,180,96,${bright.toFixed(3)})`, 1.3, 0);
  }
  glow(brush, [center[0], center[1] + 13], 18, 10, [255, 190, 110], 0.5, 'screen');
  brush.beginPath();
  brush.arc(...center, 10.5, 0, 2 * Math.PI);
  brush.fillStyle = '#0d0709';
  brush.fill();
  // Catch lights: the key light, and the magenta one behind.
  glow(brush, [center[0] - (lit ? -9 : 9), center[1] - 8], 8, 7, [255, 255, 255], 1);
  glow(brush, [center[0] - (lit ? -9 : 9), center[1] - 8], 5, 5, [255, 255, 255], 1);
  glow(brush, [center[0] + (lit ? -11 : 11), center[1] + 10], 5, 4, [255, 150, 220], 0.7, 'screen');
}

function paintLid(brush: Brush, top: Point[], lit: boolean, closed: number): void {
  const shape = curve([...top, [58, -12], [28, -30], [-4, -33], [-32, -22]], true);
  brush.fillStyle = linear(
    brush,
    [0, -40],
    [0, 22],
    [
      [0, lit ? '#b9766a' : '#96565a'],
      [0.5, lit ? '#d79c84' : '#b0706a'],
      [1, lit ? '#b87468' : '#925058'],
    ],
  );
  brush.globalAlpha = Math.min(1, closed * 4);
  brush.fill(shape);
  brush.globalAlpha = 1;
}

function paintLashes(brush: Brush, scale: number, top: Point[], closed: number): void {
  softLine(brush, curve(top), 'rgba(28,10,14,0.95)', 5.5, 0.7 * scale);
  softLine(brush, curve(top.slice(2)), 'rgba(24,8,12,0.95)', 7.5, 0.9 * scale);
  // The wing at the outer corner.
  const drop = closed * 8;
  const wing = curve(
    [
      [30, -19 + closed * 31],
      [54, -9],
      [71, -19 + drop],
      [56, -4],
      [34, -11 + closed * 24],
    ],
    true,
  );
  brush.fillStyle = 'rgba(24,8,12,0.92)';
  brush.fill(wing);
  for (let i = 0; i < 17; i++) {
    const share = 0.3 + (i / 16) * 0.7;
    const [x, y] = along(top, share);
    const reach = 5 + 11 * share * share;
    // Open lids carry the lashes upwards and out, shut ones let them hang.
    const lift = blend(-0.8, 0.75, closed);
    const lean = (share - 0.45) * reach * 1.5;
    const lash = new Path2D();
    lash.moveTo(x - 1.6, y);
    lash.quadraticCurveTo(x + lean * 0.35, y + lift * reach * 0.35, x + lean, y + lift * reach);
    lash.quadraticCurveTo(x + lean * 0.45, y + lift * reach * 0.3, x + 1.6, y);
    brush.fillStyle = 'rgba(22,8,12,0.88)';
    brush.fill(lash);
  }
}

function along(points: readonly Point[], share: number): Point {
  const place = share * (points.length - 1);
  const index = Math.min(Math.floor(place), points.length - 2);
  const [ax, ay] = points[index] ?? [0, 0];
  const [bx, by] = points[index + 1] ?? [0, 0];
  return [blend(ax, bx, place - index), blend(ay, by, place - index)];
}
