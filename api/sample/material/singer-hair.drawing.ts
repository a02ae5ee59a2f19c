import {
  type Brush,
  blend,
  curve,
  linear,
  mix,
  type Point,
  type Rgb,
  rgba,
  seeded,
  soft,
  softLine,
  within,
} from '../../drawing/paint';
import { clamp } from '../../shared/numbers';

/** Two guide lines, root to tip with the same number of points; the strands lie between them. */
type Lock = { from: Point[]; to: Point[]; strands: number; seed: number; light: number; width: number };

const dark: Rgb = [30, 12, 18];
const brown: Rgb = [92, 40, 34];
const copper: Rgb = [206, 112, 68];
const rim: Rgb = [255, 96, 196];

/** The mass behind neck and shoulders, in face units. */
export function paintBackHair(brush: Brush, scale: number): void {
  const mass = curve(
    [
      [-10, -312],
      [-140, -286],
      [-218, -190],
      [-246, -40],
      [-256, 110],
      [-292, 270],
      [-290, 420],
      [-336, 570],
      [-320, 780],
      [320, 780],
      [334, 570],
      [288, 420],
      [290, 270],
      [254, 110],
      [244, -40],
      [216, -190],
      [132, -288],
    ],
    true,
  );
  brush.fillStyle = linear(
    brush,
    [-300, 0],
    [300, 0],
    [
      [0, '#3a181b'],
      [0.3, '#210d13'],
      [0.7, '#1c0b14'],
      [1, '#3b1228'],
    ],
  );
  brush.fill(mass);
  within(brush, () => {
    brush.clip(mass);
    for (const lock of backLocks) paintLock(brush, lock);
    soft(
      brush,
      curve(
        [
          [-130, 60],
          [130, 60],
          [150, 330],
          [170, 800],
          [-170, 800],
          [-150, 330],
        ],
        true,
      ),
      'rgba(12,3,10,0.75)',
      26 * scale,
    );
  });
}

/** The locks that frame the face, falling from the parting over the shoulders. */
export function paintFrontHair(brush: Brush, scale: number): void {
  for (const lock of frontLocks) {
    // Each lock throws a shadow on what lies under it.
    const body = curve([...lock.from, ...lock.to.slice().reverse()], true);
    within(brush, () => {
      brush.translate(0, 6);
      soft(brush, body, 'rgba(40,10,18,0.35)', 9 * scale, 'multiply');
    });
    paintLockBody(brush, body, lock);
    paintLock(brush, lock);
  }
  // The light from behind runs down the right edge, the key light touches the left crown.
  softLine(
    brush,
    curve([
      [70, -334],
      [160, -300],
      [232, -204],
      [262, -60],
      [270, 70],
      [304, 220],
      [299, 360],
      [344, 500],
      [330, 660],
    ]),
    'rgba(255,84,190,0.55)',
    10,
    7 * scale,
    'screen',
  );
  softLine(
    brush,
    curve([
      [90, -326],
      [166, -288],
      [236, -192],
      [262, -60],
    ]),
    'rgba(255,190,236,0.5)',
    3,
    1.6 * scale,
    'screen',
  );
  // A few loose hairs, just off the outline.
  const chance = seeded(77);
  for (let i = 0; i < 16; i++) {
    const side = i % 2 === 0 ? -1 : 1;
    const off = 1 + chance() * 7;
    const y = -150 + chance() * 330;
    const hair = curve(
      outside.map(([x, down]): Point => [side * (x + off + chance() * 5), down + (y + 110) * 0.3]),
    );
    softLine(brush, hair, rgba(side > 0 ? rim : copper, 0.1 + 0.14 * chance()), 1.2, 0, 'screen');
  }
}

/** The outline of the hair, right half, which loose hairs follow. */
const outside: Point[] = [
  [150, -306],
  [222, -226],
  [254, -110],
  [262, 20],
  [276, 120],
];

function paintLockBody(brush: Brush, body: ReturnType<typeof curve>, lock: Lock): void {
  brush.fillStyle = linear(
    brush,
    [0, -330],
    [0, 760],
    [
      [0, rgba(mix(dark, brown, 0.55 * lock.light))],
      [0.22, rgba(mix(dark, brown, 0.95 * lock.light))],
      [0.55, rgba(mix(dark, brown, 0.5 * lock.light))],
      [1, rgba(mix(dark, brown, 0.35 * lock.light))],
    ],
  );
  brush.fill(body);
}

function paintLock(brush: Brush, lock: Lock): void {
  const chance = seeded(lock.seed);
  for (let i = 0; i < lock.strands; i++) {
    const across = clamp(chance());
    const wander = (chance() - 0.5) * 10;
    const wave = chance() * 6.28;
    const points = lock.from.map((from, index): Point => {
      const to = lock.to[index] ?? from;
      const down = index / (lock.from.length - 1);
      return [
        blend(from[0], to[0], across) + wander * down + Math.sin(wave + down * 7) * 4 * down,
        blend(from[1], to[1], across) + (chance() - 0.5) * 8 * down,
      ];
    });
    // Sheen: the middle of a lock and the crown's bend catch the light.
    const middle = 1 - Math.abs(across - 0.4) * 1.6;
    const bright = clamp(middle * lock.light * (0.35 + 0.65 * chance()));
    const tone = chance() < 0.34 ? dark : mix(brown, copper, bright);
    const [, top] = points[0] ?? [0, 0];
    const [, bottom] = points[points.length - 1] ?? [0, 0];
    const strength = 0.25 + 0.4 * chance();
    brush.strokeStyle = linear(
      brush,
      [0, top],
      [0, bottom],
      [
        [0, rgba(tone, strength * 0.25)],
        [0.16 + 0.08 * chance(), rgba(mix(tone, copper, bright * 0.6), strength)],
        [0.42, rgba(mix(tone, dark, 0.5), strength * 0.7)],
        [0.64 + 0.1 * chance(), rgba(tone, strength * 0.9)],
        [1, rgba(mix(tone, dark, 0.6), strength * 0.35)],
      ],
    );
    brush.lineWidth = lock.width * (0.6 + 1.3 * chance());
    brush.lineCap = 'round';
    brush.stroke(curve(points));
  }
}

const backLocks: Lock[] = [
  {
    from: [
      [-60, -300],
      [-214, -180],
      [-244, 60],
      [-290, 250],
      [-288, 420],
      [-336, 560],
      [-318, 760],
    ],
    to: [
      [-30, -300],
      [-160, -160],
      [-170, 60],
      [-190, 260],
      [-180, 430],
      [-210, 560],
      [-190, 760],
    ],
    strands: 150,
    seed: 11,
    light: 0.6,
    width: 2.6,
  },
  {
    from: [
      [40, -300],
      [212, -180],
      [242, 60],
      [286, 250],
      [284, 420],
      [332, 560],
      [316, 760],
    ],
    to: [
      [20, -300],
      [160, -160],
      [170, 60],
      [190, 260],
      [180, 430],
      [210, 560],
      [190, 760],
    ],
    strands: 150,
    seed: 12,
    light: 0.4,
    width: 2.6,
  },
];

/** The parting lies a little left of the middle. Outer locks first, then those that frame the face. */
const frontLocks: Lock[] = [
  {
    from: [
      [-34, -336],
      [92, -334],
      [206, -250],
      [258, -90],
      [268, 70],
      [306, 220],
      [298, 360],
      [346, 500],
      [330, 660],
      [290, 790],
    ],
    to: [
      [-34, -300],
      [60, -290],
      [172, -200],
      [214, -70],
      [208, 70],
      [216, 220],
      [204, 360],
      [246, 500],
      [232, 660],
      [276, 800],
    ],
    strands: 260,
    seed: 21,
    light: 0.62,
    width: 2.2,
  },
  {
    from: [
      [-34, -316],
      [74, -300],
      [182, -216],
      [232, -70],
      [232, 70],
      [258, 200],
      [242, 330],
      [282, 460],
      [256, 600],
      [250, 720],
    ],
    to: [
      [-30, -234],
      [34, -214],
      [108, -160],
      [168, -70],
      [187, 36],
      [168, 140],
      [158, 240],
      [196, 350],
      [166, 480],
      [226, 640],
    ],
    strands: 270,
    seed: 22,
    light: 0.82,
    width: 2.1,
  },
  {
    from: [
      [-34, -336],
      [-130, -324],
      [-218, -240],
      [-260, -90],
      [-270, 70],
      [-308, 220],
      [-300, 360],
      [-350, 500],
      [-334, 660],
      [-292, 790],
    ],
    to: [
      [-34, -300],
      [-96, -284],
      [-176, -196],
      [-214, -70],
      [-208, 70],
      [-216, 220],
      [-206, 360],
      [-250, 500],
      [-236, 660],
      [-280, 800],
    ],
    strands: 260,
    seed: 23,
    light: 1,
    width: 2.2,
  },
  {
    from: [
      [-34, -316],
      [-112, -296],
      [-190, -210],
      [-234, -70],
      [-234, 70],
      [-260, 200],
      [-246, 330],
      [-286, 460],
      [-262, 600],
      [-254, 720],
    ],
    to: [
      [-30, -234],
      [-64, -214],
      [-120, -154],
      [-172, -64],
      [-189, 36],
      [-170, 140],
      [-160, 240],
      [-200, 350],
      [-170, 480],
      [-230, 640],
    ],
    strands: 270,
    seed: 24,
    light: 1.1,
    width: 2.1,
  },
];
