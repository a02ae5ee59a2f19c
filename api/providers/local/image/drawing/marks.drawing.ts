import { Path2D } from '@napi-rs/canvas';
import { type Brush, ellipse, rgba, within } from '../../../../drawing/paint';
import type { CameraMove } from '../move.reading.rules';
import type { Shot } from '../vocabulary';
import type { Plate } from './plate';

/** Corners and centre ticks, as in a camera's finder. */
export function drawFrameMarks(plate: Plate, margin: number): void {
  const { brush, width, height, palette } = plate;
  const arm = 26;
  brush.strokeStyle = rgba(palette.paper, 0.6);
  brush.lineWidth = 2;
  brush.lineCap = 'butt';
  brush.beginPath();
  for (const [x, signX] of [
    [margin, 1],
    [width - margin, -1],
  ] as const) {
    for (const [y, signY] of [
      [margin, 1],
      [height - margin, -1],
    ] as const) {
      brush.moveTo(x + signX * arm, y);
      brush.lineTo(x, y);
      brush.lineTo(x, y + signY * arm);
    }
    brush.moveTo(x, height / 2);
    brush.lineTo(x + signX * 12, height / 2);
  }
  brush.stroke();
}

/** How much of a person the small frame shows: height of the head and place of its middle, as shares. */
const heads: Record<Shot, { head: number; at: number }> = {
  'extreme-close-up': { head: 1.3, at: 0.62 },
  'close-up': { head: 0.62, at: 0.44 },
  medium: { head: 0.34, at: 0.34 },
  full: { head: 0.12, at: 0.2 },
  wide: { head: 0.055, at: 0.56 },
  aerial: { head: 0.05, at: 0.5 },
  'low-angle': { head: 0.3, at: 0.26 },
  'two-shot': { head: 0.3, at: 0.36 },
};

/** The shot as a diagram: a frame with a person as large as the shot shows them. */
export function drawShotGlyph(
  plate: Plate,
  shot: Shot,
  x: number,
  y: number,
  wide: number,
  tall: number,
): void {
  const { brush, palette } = plate;
  const { head, at } = heads[shot];
  const frame = new Path2D();
  frame.roundRect(x, y, wide, tall, 3);
  within(brush, () => {
    brush.strokeStyle = rgba(palette.paper, 0.9);
    brush.lineWidth = 2;
    brush.stroke(frame);
    brush.clip(frame);
    brush.fillStyle = rgba(palette.paper, 0.9);
    const radius = (tall * head) / 2;
    for (const aside of shot === 'two-shot' ? [-0.2, 0.2] : [0]) {
      const [middle, top] = [x + wide * (0.5 + aside), y + tall * at];
      brush.fill(ellipse(middle, top, radius * 0.78, radius));
      const body = new Path2D();
      body.roundRect(middle - radius * 1.5, top + radius * 1.25, radius * 3, radius * 7, radius * 1.3);
      brush.fill(body);
    }
    if (shot === 'wide' || shot === 'aerial') {
      brush.fillRect(x, y + tall * (shot === 'aerial' ? 0.86 : 0.76), wide, 1.5);
    }
  });
}

/** The camera's way as an arrow in a square of `size`. */
export function drawMoveGlyph(plate: Plate, move: CameraMove, x: number, y: number, size: number): void {
  const { brush, palette } = plate;
  within(brush, () => {
    brush.translate(x + size / 2, y + size / 2);
    brush.strokeStyle = rgba(palette.paper, 0.9);
    brush.lineWidth = 2;
    brush.lineCap = 'round';
    brush.lineJoin = 'round';
    const arrows: Partial<Record<CameraMove, number[]>> = {
      'pan-left': [Math.PI],
      'pan-right': [0],
      'tilt-up': [-Math.PI / 2],
      'tilt-down': [Math.PI / 2],
    };
    const angles = arrows[move];
    if (angles !== undefined)
      for (const angle of angles) arrow(brush, angle, -size * 0.42, size * 0.42, size * 0.2);
    else if (move === 'push-in' || move === 'pull-out') {
      for (const corner of [1, 3, 5, 7]) {
        const inwards = move === 'push-in';
        arrow(
          brush,
          (corner * Math.PI) / 4,
          inwards ? size * 0.6 : size * 0.16,
          inwards ? size * 0.16 : size * 0.6,
          size * 0.15,
        );
      }
    } else {
      brush.beginPath();
      for (let step = 0; step <= 24; step++) {
        const along = (step / 24 - 0.5) * size * 0.95;
        brush.lineTo(along, Math.sin((step / 24) * 2 * Math.PI) * size * 0.2);
      }
      brush.stroke();
    }
  });
}

function arrow(brush: Brush, angle: number, from: number, to: number, head: number): void {
  within(brush, () => {
    brush.rotate(angle);
    const sign = Math.sign(to - from);
    brush.beginPath();
    brush.moveTo(from, 0);
    brush.lineTo(to, 0);
    brush.moveTo(to - sign * head, -head);
    brush.lineTo(to, 0);
    brush.lineTo(to - sign * head, head);
    brush.stroke();
  });
}
