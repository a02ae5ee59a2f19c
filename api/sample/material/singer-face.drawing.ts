import { Path2D } from '@napi-rs/canvas';
import {
  type Brush,
  curve,
  ellipse,
  glow,
  linear,
  mirrored,
  type Point,
  soft,
  softLine,
  within,
} from '../../drawing/paint';

/**
 * The singer's skin, in face units: the origin lies between the eyes, the chin at y = 300, the skull's
 * top at y = -300. Proportions are the drawing school's: eyes half way down the head, thirds from
 * hairline to brow to nose to chin, eyes one fifth of the width. Key light from the left, a warm
 * stage; a magenta rim light from behind on the right.
 */
const faceOutline = curve(
  mirrored([
    [0, -285],
    [105, -268],
    [176, -205],
    [203, -110],
    [207, -20],
    [200, 58],
    [183, 140],
    [154, 207],
    [104, 258],
    [54, 291],
    [0, 300],
  ]),
  true,
);

/** Head and skin without the moving parts; the features' relief is `paintFeatures`. */
export function paintFace(brush: Brush, scale: number): void {
  const blur = (units: number): number => units * scale;
  within(brush, () => {
    brush.fillStyle = linear(
      brush,
      [-210, -60],
      [215, 80],
      [
        [0, '#f6cfb2'],
        [0.35, '#f3c4a5'],
        [0.68, '#dfa083'],
        [1, '#a9655f'],
      ],
    );
    brush.fill(faceOutline);
    brush.clip(faceOutline);
    // The face turns away from the light at its right side, and a little at the left edge.
    soft(
      brush,
      curve(
        [
          [140, -280],
          [168, -120],
          [160, 0],
          [150, 70],
          [128, 150],
          [92, 230],
          [40, 310],
          [300, 320],
          [300, -300],
        ],
        true,
      ),
      'rgba(133,58,72,0.50)',
      blur(34),
      'multiply',
    );
    softLine(brush, faceOutline, 'rgba(150,78,70,0.5)', 34, blur(15), 'multiply');
    // Under the hair it is darker.
    soft(
      brush,
      curve(
        [
          [-230, -310],
          [230, -310],
          [235, 180],
          [170, 130],
          [176, 30],
          [150, -70],
          [92, -150],
          [0, -206],
          [-110, -142],
          [-160, -60],
          [-180, 30],
          [-174, 130],
          [-235, 180],
        ],
        true,
      ),
      'rgba(120,58,56,0.5)',
      blur(14),
      'multiply',
    );
    // The cheeks: blush, and the light on the cheekbones.
    glow(brush, [-128, 88], 96, 70, [232, 112, 108], 0.27, 'multiply');
    glow(brush, [130, 90], 90, 68, [220, 96, 108], 0.26, 'multiply');
    glow(brush, [-128, 56], 88, 48, [255, 232, 208], 0.36, 'screen');
    glow(brush, [112, 58], 62, 40, [255, 216, 196], 0.18, 'screen');
    // Forehead, and chin.
    glow(brush, [-46, -138], 120, 78, [255, 238, 216], 0.42, 'screen');
    glow(brush, [-12, 262], 46, 28, [255, 236, 214], 0.34, 'screen');
    // Below the cheekbones.
    soft(
      brush,
      curve(
        [
          [-205, 90],
          [-150, 150],
          [-112, 190],
          [-150, 232],
          [-215, 180],
        ],
        true,
      ),
      'rgba(176,96,84,0.30)',
      blur(18),
      'multiply',
    );
    // Rim light from behind.
    softLine(
      brush,
      curve([
        [205, -60],
        [206, 10],
        [198, 66],
        [182, 142],
        [154, 206],
        [112, 256],
      ]),
      'rgba(255,92,190,0.75)',
      9,
      blur(5),
      'screen',
    );
    softLine(
      brush,
      curve([
        [206, -20],
        [200, 58],
        [184, 138],
        [156, 205],
        [110, 258],
        [60, 291],
      ]),
      'rgba(255,170,225,0.55)',
      3.5,
      blur(1.6),
      'screen',
    );
  });
}

/** Sockets, nose, brows and the relief round the mouth: everything that moves with the features. */
export function paintFeatures(brush: Brush, scale: number): void {
  const blur = (units: number): number => units * scale;
  for (const side of [-1, 1]) {
    const dim = side > 0 ? 1.25 : 1;
    // Sockets: deepest beside the bridge and in the crease above the lid.
    soft(
      brush,
      curve(
        [
          [side * 26, -34],
          [side * 62, -46],
          [side * 116, -44],
          [side * 152, -18],
          [side * 120, -26],
          [side * 70, -24],
          [side * 40, 4],
        ],
        true,
      ),
      `rgba(138,70,68,${0.3 * dim})`,
      blur(9),
      'multiply',
    );
    glow(brush, [side * 34, -14], 30, 44, [150, 80, 72], 0.32 * dim, 'multiply');
    glow(brush, [side * 98, -20], 74, 34, [166, 80, 92], 0.42, 'multiply');
    glow(brush, [side * 96, 40], 62, 22, [190, 104, 96], 0.26, 'multiply');
    // The brow bone catches light.
    glow(brush, [side * 118, -46], 40, 12, [255, 232, 210], side < 0 ? 0.4 : 0.16, 'screen');
    paintBrow(brush, side, blur);
  }
  paintNose(brush, blur);
  // Philtrum, the fold under the lower lip, and the corners.
  soft(
    brush,
    curve(
      [
        [-7, 134],
        [7, 134],
        [11, 158],
        [0, 164],
        [-11, 158],
      ],
      true,
    ),
    'rgba(168,88,78,0.26)',
    blur(4),
    'multiply',
  );
  softLine(
    brush,
    curve([
      [-13, 134],
      [-17, 156],
    ]),
    'rgba(255,232,212,0.30)',
    5,
    blur(3),
    'screen',
  );
  soft(
    brush,
    curve(
      [
        [-46, 220],
        [0, 215],
        [46, 220],
        [26, 236],
        [0, 240],
        [-26, 236],
      ],
      true,
    ),
    'rgba(140,64,60,0.50)',
    blur(7),
    'multiply',
  );
  for (const side of [-1, 1]) glow(brush, [side * 90, 172], 15, 13, [160, 84, 76], 0.32, 'multiply');
  softLine(
    brush,
    curve([
      [-54, 120],
      [-84, 146],
      [-97, 172],
    ]),
    'rgba(170,92,82,0.22)',
    9,
    blur(6),
    'multiply',
  );
  softLine(
    brush,
    curve([
      [54, 120],
      [84, 146],
      [97, 172],
    ]),
    'rgba(150,72,74,0.30)',
    9,
    blur(6),
    'multiply',
  );
}

function paintNose(brush: Brush, blur: (units: number) => number): void {
  // The side away from the light, from the bridge down to the wing.
  soft(
    brush,
    curve(
      [
        [22, -30],
        [17, 20],
        [24, 70],
        [46, 98],
        [52, 122],
        [22, 132],
        [16, 100],
        [10, 40],
        [12, -10],
      ],
      true,
    ),
    'rgba(150,74,68,0.50)',
    blur(8),
    'multiply',
  );
  soft(
    brush,
    curve(
      [
        [-24, -24],
        [-19, 30],
        [-26, 78],
        [-40, 100],
        [-24, 96],
        [-13, 40],
      ],
      true,
    ),
    'rgba(176,98,84,0.26)',
    blur(7),
    'multiply',
  );
  // Underside and the shadow it throws.
  soft(
    brush,
    curve(
      [
        [-40, 118],
        [-18, 124],
        [0, 131],
        [18, 124],
        [42, 118],
        [30, 140],
        [4, 148],
        [-24, 140],
      ],
      true,
    ),
    'rgba(140,66,60,0.52)',
    blur(6),
    'multiply',
  );
  // Wings.
  softLine(
    brush,
    curve([
      [-38, 92],
      [-49, 108],
      [-45, 122],
      [-33, 124],
    ]),
    'rgba(136,64,58,0.55)',
    4,
    blur(2.2),
    'multiply',
  );
  softLine(
    brush,
    curve([
      [38, 92],
      [49, 108],
      [45, 122],
      [33, 124],
    ]),
    'rgba(112,44,52,0.7)',
    4.5,
    blur(2.2),
    'multiply',
  );
  // Nostrils.
  for (const side of [-1, 1]) {
    soft(brush, ellipse(side * 20, 124, 11, 4.4, side * -0.34), 'rgba(74,20,24,0.85)', blur(1.8));
  }
  softLine(
    brush,
    curve([
      [-9, 127],
      [0, 131],
      [9, 127],
    ]),
    'rgba(110,46,44,0.5)',
    3,
    blur(2),
    'multiply',
  );
  // Light along the bridge and on the tip.
  softLine(
    brush,
    curve([
      [-5, -34],
      [-4, 20],
      [-5, 76],
    ]),
    'rgba(255,240,222,0.55)',
    10,
    blur(6),
    'screen',
  );
  glow(brush, [-6, 98], 21, 18, [255, 244, 230], 0.62, 'screen');
  glow(brush, [-9, 93], 7, 6, [255, 255, 250], 0.75, 'screen');
  glow(brush, [-36, 108], 10, 9, [255, 230, 210], 0.35, 'screen');
}

function paintBrow(brush: Brush, side: number, blur: (units: number) => number): void {
  const shape: Point[] = [
    [36, -62],
    [38, -75],
    [84, -87],
    [128, -85],
    [166, -60],
    [128, -74],
    [86, -74],
  ];
  soft(
    brush,
    curve(
      shape.map(([x, y]): Point => [side * x, y]),
      true,
    ),
    'rgba(58,28,26,0.78)',
    blur(2.4),
  );
  // Single hairs follow the arch, steeper near the nose.
  const spine: Point[] = [
    [38, -69],
    [62, -76],
    [90, -80],
    [122, -79],
    [146, -71],
    [164, -61],
  ];
  for (let i = 0; i < 40; i++) {
    const place = (i / 40) * (spine.length - 1);
    const index = Math.floor(place);
    const [ax, ay] = spine[index] ?? [0, 0];
    const [bx, by] = spine[index + 1] ?? [ax, ay];
    const share = place - index;
    const [x, y] = [ax + (bx - ax) * share, ay + (by - ay) * share];
    const fan = 1 - i / 40;
    const hair = new Path2D();
    hair.moveTo(side * (x - 4), y + 6 * fan + 1);
    hair.quadraticCurveTo(side * (x + 2), y - 1, side * (x + 11), y - 8 * fan + 2);
    softLine(brush, hair, 'rgba(44,20,20,0.42)', 1.8, 0);
  }
}
