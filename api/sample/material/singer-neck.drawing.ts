import { type Brush, curve, glow, linear, soft, softLine, within } from '../../drawing/paint';

/** Neck and the chin's shadow on it: painted behind the face, in face units. */
export function paintNeck(brush: Brush, scale: number): void {
  const blur = (units: number): number => units * scale;
  const neck = curve(
    [
      [-118, 180],
      [-112, 300],
      [-116, 400],
      [-170, 452],
      [-330, 510],
      [-330, 720],
      [330, 720],
      [330, 510],
      [170, 452],
      [114, 400],
      [110, 300],
      [116, 180],
    ],
    true,
  );
  within(brush, () => {
    brush.fillStyle = linear(
      brush,
      [-300, 0],
      [300, 0],
      [
        [0, '#eec0a0'],
        [0.42, '#e6b092'],
        [0.68, '#c07e6c'],
        [1, '#8e4f55'],
      ],
    );
    brush.fill(neck);
    brush.clip(neck);
    soft(
      brush,
      curve(
        [
          [-150, 160],
          [-128, 262],
          [-70, 330],
          [10, 356],
          [84, 336],
          [140, 270],
          [170, 160],
        ],
        true,
      ),
      'rgba(104,40,52,0.78)',
      blur(20),
      'multiply',
    );
    soft(
      brush,
      curve(
        [
          [36, 300],
          [66, 400],
          [58, 470],
          [160, 470],
          [150, 300],
        ],
        true,
      ),
      'rgba(120,52,64,0.55)',
      blur(16),
      'multiply',
    );
    // The two muscles that meet at the collar bones, and the hollow between.
    softLine(
      brush,
      curve([
        [-84, 330],
        [-52, 420],
        [-18, 478],
      ]),
      'rgba(255,228,204,0.30)',
      14,
      blur(9),
      'screen',
    );
    softLine(
      brush,
      curve([
        [84, 330],
        [54, 420],
        [18, 478],
      ]),
      'rgba(130,62,66,0.45)',
      12,
      blur(8),
      'multiply',
    );
    glow(brush, [2, 486], 26, 22, [140, 70, 66], 0.55, 'multiply');
    for (const side of [-1, 1]) {
      softLine(
        brush,
        curve([
          [side * 24, 494],
          [side * 100, 482],
          [side * 196, 470],
          [side * 280, 470],
        ]),
        `rgba(255,232,210,${side < 0 ? 0.5 : 0.26})`,
        9,
        blur(5),
        'screen',
      );
      softLine(
        brush,
        curve([
          [side * 26, 510],
          [side * 100, 500],
          [side * 190, 492],
        ]),
        'rgba(140,72,68,0.5)',
        12,
        blur(7),
        'multiply',
      );
    }
    softLine(
      brush,
      curve([
        [110, 300],
        [114, 400],
        [168, 448],
        [330, 506],
      ]),
      'rgba(255,96,190,0.75)',
      7,
      blur(4),
      'screen',
    );
  });
}
