import { blend, type Point } from '../../drawing/paint';
import { smoothstep } from '../../shared/numbers';

/** Where head, body, lids and mouth are at one moment. Angles in radians, lengths in face units. */
export type Pose = {
  roll: number;
  sway: Point;
  /** How far the features slide over the face as the head turns: a hint of depth. */
  turn: Point;
  /** -1 (out) to 1 (in). */
  breath: number;
  /** 0 open, 1 shut. */
  lids: number;
  /** Height of the mouth's opening. */
  mouth: number;
  /** The camera's slow push: 1 is the first frame. */
  zoom: number;
};

/** From here to the picture: x' = a·x + c·y + e, y' = b·x + d·y + f (canvas order). */
export type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** The camera ends this much nearer. */
export const nearest = 1.06;
/** The widest the drawn mouth opens: parted lips, so that a lip-sync has something to open further. */
export const widestMouth = 14;
/** Blinks, in seconds of each eight: uneven, as people blink (every 2 to 4 s). */
const blinks = [1.15, 3.5, 5.0, 7.35];
const blinkRound = 8;
const closing = 0.09;
const opening = 0.17;

const wave = (t: number, hertz: number, phase = 0): number => Math.sin(2 * Math.PI * hertz * t + phase);

/** The singer at `t` seconds of a shot `length` seconds long. Frequencies are those of idle swaying. */
export function poseAt(t: number, length: number): Pose {
  return {
    roll: 0.026 * wave(t, 0.24) + 0.01 * wave(t, 0.57, 1.1),
    sway: [11 * wave(t, 0.19, 0.4) + 3 * wave(t, 0.53), 4 * wave(t, 0.41, 0.9)],
    turn: [6.5 * wave(t, 0.19, 0.1) + 1.5 * wave(t, 0.63, 2), 3.5 * wave(t, 0.31, 1.7)],
    breath: wave(t, 0.27),
    lids: blinkAt(t),
    mouth: mouthAt(t),
    zoom: blend(1, nearest, smoothstep(-0.2, 1.2, t / length)),
  };
}

function blinkAt(t: number): number {
  const now = t % blinkRound;
  return Math.max(
    0,
    ...blinks.map((at) =>
      now < at ? smoothstep(at - closing, at, now) : 1 - smoothstep(at, at + opening, now),
    ),
  );
}

/** Soft syllables in phrases of about three seconds, with the lips together between them. */
function mouthAt(t: number): number {
  const syllables = 0.5 + 0.5 * wave(t, 1.3, 1.4 * wave(t, 0.29));
  const phrase = smoothstep(-0.55, 0.1, wave(t, 0.31, -0.6));
  return widestMouth * phrase * smoothstep(0.2, 0.95, syllables);
}

/** Where the camera stands: pixels for one face unit, and the point between the eyes. */
export type Layout = { unit: number; center: Point; width: number; height: number };

/** The head is 62% of the picture's height, or 70% of its width with the hair, whichever is less. */
export function layoutFor(width: number, height: number): Layout {
  const unit = Math.min((height * 0.62) / 600, (width * 0.7) / 540);
  return { unit, center: [width / 2, height * 0.445], width, height };
}

/** The neck's turning point, in face units. */
const pivot: Point = [0, 330];

/** The head's place in the picture. */
export function headMatrix({ unit, center }: Layout, pose: Pose): Matrix {
  const scale = unit * pose.zoom;
  const [cos, sin] = [Math.cos(pose.roll), Math.sin(pose.roll)];
  const [a, b] = [scale * cos, scale * sin];
  const e = center[0] + scale * (pivot[0] + pose.sway[0]);
  const f = center[1] + scale * (pivot[1] + pose.sway[1] - 1.5 * pose.breath);
  return [a, b, -b, a, e - a * pivot[0] + b * pivot[1], f - b * pivot[0] - a * pivot[1]];
}

/** The body's place: it follows the head's sway by a third and rises with the breath. */
export function bodyMatrix({ unit, center }: Layout, pose: Pose): Matrix {
  const scale = unit * pose.zoom;
  const wide = 1.08 * (1 + 0.004 * pose.breath);
  const lift = -36 - 3 * pose.breath;
  return [
    scale * wide,
    0,
    0,
    scale,
    center[0] + scale * 0.45 * pose.sway[0],
    center[1] + scale * (lift + 0.3 * pose.sway[1]),
  ];
}

/** A point of the moving features (eyes, nose, lips) in pixels of the picture. */
export function featurePoint(layout: Layout, pose: Pose, [x, y]: Point): Point {
  const [a, b, c, d, e, f] = headMatrix(layout, pose);
  const [dx, dy] = [x + pose.turn[0], y + pose.turn[1]];
  return [a * dx + c * dy + e, b * dx + d * dy + f];
}
