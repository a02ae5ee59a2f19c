import { type Canvas, createCanvas } from '@napi-rs/canvas';
import {
  type Brush,
  curve,
  ellipse,
  glow,
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

/**
 * The storyboard picture of a scene: a singer with her guitar on a hill before the rising moon.
 * Drawn on a 1280×720 sheet that is scaled to cover any size.
 */
export function paintStoryboard(width: number, height: number): Canvas {
  const canvas = createCanvas(width, height);
  const brush = canvas.getContext('2d');
  const scale = Math.max(width / 1280, height / 720);
  brush.translate(width / 2, height / 2);
  brush.scale(scale, scale);
  brush.translate(-640, -360);
  paintEveningSky(brush, scale);
  paintMountains(brush, scale);
  paintHill(brush);
  paintFigure(brush, scale);
  return canvas;
}

const moon: Point = [640, 318];

function paintEveningSky(brush: Brush, scale: number): void {
  brush.fillStyle = linear(
    brush,
    [0, 0],
    [0, 620],
    [
      [0, '#141443'],
      [0.35, '#4a2a7c'],
      [0.62, '#c4507f'],
      [0.82, '#ff9a6b'],
      [1, '#ffd79a'],
    ],
  );
  brush.fillRect(0, 0, 1280, 720);
  const chance = seeded(4);
  for (let i = 0; i < 220; i++) {
    const y = 300 * chance() ** 1.7;
    brush.fillStyle = rgba([255, 248, 232], 0.9 * chance() * (1 - y / 330));
    brush.fill(ellipse(chance() * 1280, y, 0.5 + chance(), 0.5 + chance()));
  }
  glow(brush, moon, 430, 430, [255, 206, 160], 0.7, 'screen');
  const disc = ellipse(moon[0], moon[1], 186, 186);
  within(brush, () => {
    brush.fillStyle = linear(
      brush,
      [560, 150],
      [720, 500],
      [
        [0, '#fffbe9'],
        [0.55, '#ffe9bd'],
        [1, '#ffbf86'],
      ],
    );
    brush.fill(disc);
    brush.clip(disc);
    for (let i = 0; i < 16; i++) {
      const angle = chance() * 6.28;
      const far = 160 * chance() ** 0.6;
      const r = 12 + 34 * chance();
      soft(
        brush,
        ellipse(moon[0] + Math.cos(angle) * far, moon[1] + Math.sin(angle) * far, r, r * 0.85),
        'rgba(226,160,120,0.20)',
        6 * scale,
      );
    }
  });
  for (let i = 0; i < 12; i++) {
    const [x, y, long] = [chance() * 1280, 130 + chance() * 330, 120 + 240 * chance()];
    soft(
      brush,
      curve(
        [
          [x - long, y],
          [x - long * 0.4, y - 9],
          [x + long * 0.3, y - 6],
          [x + long, y + 2],
          [x, y + 8],
        ],
        true,
      ),
      `rgba(255,190,170,${(0.12 + 0.2 * chance()).toFixed(3)})`,
      6 * scale,
    );
  }
}

function paintMountains(brush: Brush, scale: number): void {
  const rows: { base: number; rough: number; color: Rgb; seed: number }[] = [
    { base: 476, rough: 62, color: [206, 104, 130], seed: 7 },
    { base: 526, rough: 54, color: [140, 66, 118], seed: 8 },
    { base: 576, rough: 44, color: [82, 42, 92], seed: 9 },
  ];
  for (const row of rows) {
    const chance = seeded(row.seed);
    brush.beginPath();
    brush.moveTo(-20, 740);
    for (let x = -20; x <= 1300; x += 26) {
      const y =
        row.base - row.rough * (0.5 + 0.5 * Math.sin(x * 0.009 + row.seed * 2)) - row.rough * 0.5 * chance();
      brush.lineTo(x, y);
    }
    brush.lineTo(1300, 740);
    brush.fillStyle = linear(
      brush,
      [0, row.base - row.rough],
      [0, row.base + 110],
      [
        [0, rgba(row.color)],
        [1, rgba(mix(row.color, [255, 176, 140], 0.6))],
      ],
    );
    brush.fill();
    // Mist in the valleys.
    soft(brush, ellipse(640, row.base + 62, 760, 26), 'rgba(255,196,160,0.30)', 18 * scale);
  }
}

function paintHill(brush: Brush): void {
  const hill = curve(
    [
      [-60, 700],
      [180, 640],
      [420, 596],
      [640, 580],
      [840, 594],
      [1080, 640],
      [1340, 706],
      [1340, 800],
      [-60, 800],
    ],
    true,
  );
  brush.fillStyle = linear(
    brush,
    [0, 580],
    [0, 720],
    [
      [0, '#3a1a42'],
      [0.4, '#22102e'],
      [1, '#0e0818'],
    ],
  );
  brush.fill(hill);
  const chance = seeded(14);
  // Grass along the ridge, lit from behind.
  for (let i = 0; i < 900; i++) {
    const x = chance() * 1280;
    const ridge = 582 + ((x - 640) / 640) ** 2 * 100;
    const y = ridge + chance() ** 2 * 90 + 4;
    const tall = 8 + 16 * chance();
    const near = Math.abs(x - 640) < 260 && y < ridge + 14;
    softLine(
      brush,
      curve([
        [x, y],
        [x + 2, y - tall * 0.6],
        [x + 8 * (chance() - 0.3), y - tall],
      ]),
      near ? 'rgba(255,170,120,0.55)' : rgba([20, 9, 28], 0.9),
      1.3,
      0,
    );
  }
  glow(brush, [640, 590], 300, 30, [255, 190, 130], 0.35, 'screen');
}

/** The singer from behind in a long dress, her guitar held up to the right, in silhouette with the moon's edge light. */
function paintFigure(brush: Brush, scale: number): void {
  const dress = curve(
    [
      [622, 424],
      [658, 424],
      [668, 452],
      [660, 486],
      [668, 520],
      [690, 570],
      [722, 622],
      [752, 664],
      [700, 676],
      [640, 680],
      [590, 676],
      [598, 620],
      [612, 560],
      [620, 510],
      [618, 484],
      [612, 452],
    ],
    true,
  );
  const neck = curve(
    [
      [633, 392],
      [647, 392],
      [650, 420],
      [664, 428],
      [616, 428],
      [630, 420],
    ],
    true,
  );
  const skull = ellipse(640, 376, 18, 23);
  // The wind comes from the left.
  const hair = curve(
    [
      [638, 350],
      [656, 356],
      [663, 378],
      [668, 404],
      [688, 424],
      [716, 432],
      [742, 428],
      [718, 444],
      [690, 446],
      [704, 460],
      [672, 454],
      [648, 436],
      [630, 440],
      [622, 420],
      [620, 386],
      [624, 360],
    ],
    true,
  );
  const guitar = [
    curve(
      [
        [606, 470],
        [588, 466],
        [572, 476],
        [574, 492],
        [564, 508],
        [574, 528],
        [598, 530],
        [616, 516],
        [622, 492],
      ],
      true,
    ),
    curve(
      [
        [608, 492],
        [722, 440],
        [725, 446],
        [611, 502],
      ],
      true,
    ),
    curve(
      [
        [719, 439],
        [742, 427],
        [748, 435],
        [727, 449],
      ],
      true,
    ),
  ];
  const arms = [
    curve([
      [621, 430],
      [602, 456],
      [598, 482],
      [608, 496],
    ]),
    curve([
      [660, 430],
      [684, 462],
      [702, 452],
    ]),
  ];
  const shapes = [dress, neck, skull, ...guitar, hair];
  for (const shape of shapes) softLine(brush, shape, 'rgba(255,222,170,0.9)', 3, 1.3 * scale);
  for (const arm of arms) softLine(brush, arm, 'rgba(255,222,170,0.85)', 14, 1.3 * scale);
  brush.fillStyle = '#1b0c26';
  for (const shape of shapes) brush.fill(shape);
  for (const arm of arms) softLine(brush, arm, '#1b0c26', 12, 0);
  // Folds of the dress and strands of hair keep a little colour.
  const lines: Point[][] = [
    [
      [644, 500],
      [656, 570],
      [690, 656],
    ],
    [
      [632, 510],
      [628, 590],
      [630, 668],
    ],
    [
      [652, 500],
      [672, 560],
      [716, 640],
    ],
    [
      [646, 358],
      [654, 396],
      [676, 430],
      [716, 437],
    ],
    [
      [634, 360],
      [636, 400],
      [652, 432],
    ],
  ];
  for (const line of lines)
    softLine(brush, curve(line), 'rgba(200,100,130,0.38)', 2.4, 1.2 * scale, 'screen');
  // The grass closes over the hem.
  soft(brush, ellipse(664, 682, 104, 11), '#190b22', 3 * scale);
  const chance = seeded(88);
  for (let i = 0; i < 260; i++) {
    const x = 578 + 186 * chance();
    const tall = 10 + 16 * chance();
    softLine(
      brush,
      curve([
        [x, 696],
        [x + 2, 686 - tall * 0.6],
        [x + 10 * (chance() - 0.3), 682 - tall],
      ]),
      '#190b22',
      1.6,
      0,
    );
  }
}
