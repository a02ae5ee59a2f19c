import { Path2D } from '@napi-rs/canvas';
import { curve, ellipse, type Point } from '../../../../drawing/paint';

/** Handle and ball of a microphone held up to the mouth, and the arm that holds it. */
export function microphonePaths(): Path2D[] {
  const handle = new Path2D();
  handle.moveTo(1.015, 0.98);
  handle.lineTo(1.125, 1.01);
  handle.lineTo(1.075, 1.66);
  handle.lineTo(0.975, 1.64);
  handle.closePath();
  const fist = curve(
    [
      [0.93, 1.3],
      [0.98, 1.2],
      [1.1, 1.19],
      [1.19, 1.25],
      [1.23, 1.36],
      [1.2, 1.5],
      [1.1, 1.57],
      [0.98, 1.54],
      [0.91, 1.44],
    ],
    true,
  );
  const arm = curve([
    [1.0, 1.46],
    [0.98, 1.7],
    [1.0, 2.0],
    [0.86, 2.5],
    [0.7, 3.4],
    [0.9, 4.6],
    [1.5, 4.6],
    [1.5, 3.2],
    [1.36, 2.4],
    [1.24, 1.9],
    [1.2, 1.46],
  ]);
  arm.closePath();
  return [ellipse(1.075, 0.9, 0.105, 0.118, 0.2), handle, fist, arm];
}

/** Slung across the back. */
export function guitarPaths(): Path2D[] {
  const turned = (draw: (path: Path2D) => void) => {
    const path = new Path2D();
    draw(path);
    return path;
  };
  const at = (x: number, y: number): Point => {
    const angle = -0.62;
    return [Math.cos(angle) * x - Math.sin(angle) * y + 0.1, Math.sin(angle) * x + Math.cos(angle) * y + 2.9];
  };
  const body = curve(
    [
      at(-0.72, 0.9),
      at(-0.86, 0.45),
      at(-0.52, 0.05),
      at(-0.62, -0.4),
      at(0, -0.72),
      at(0.62, -0.4),
      at(0.52, 0.05),
      at(0.86, 0.45),
      at(0.72, 0.9),
      at(0, 1.15),
    ],
    true,
  );
  const neck = turned((path) => {
    path.moveTo(...at(-0.09, -0.6));
    path.lineTo(...at(0.09, -0.6));
    path.lineTo(...at(0.09, -2.9));
    path.lineTo(...at(0.18, -3.5));
    path.lineTo(...at(-0.18, -3.5));
    path.lineTo(...at(-0.09, -2.9));
    path.closePath();
  });
  return [body, neck];
}
