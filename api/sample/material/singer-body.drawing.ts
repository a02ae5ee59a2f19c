import {
  type Brush,
  curve,
  ellipse,
  glow,
  linear,
  type Point,
  rgba,
  seeded,
  soft,
  softLine,
  within,
} from '../../drawing/paint';

const top = curve(
  [
    [-176, 900],
    [-190, 640],
    [-150, 566],
    [-60, 596],
    [0, 612],
    [60, 596],
    [150, 566],
    [190, 640],
    [176, 900],
  ],
  true,
);
const jacketLeft = curve(
  [
    [-150, 462],
    [-250, 480],
    [-352, 524],
    [-420, 620],
    [-452, 900],
    [-120, 900],
    [-150, 700],
    [-178, 570],
  ],
  true,
);
const jacketRight = curve(
  [
    [150, 462],
    [250, 480],
    [352, 524],
    [420, 620],
    [452, 900],
    [120, 900],
    [150, 700],
    [178, 570],
  ],
  true,
);

/** The dark jacket, the glittering top and the necklace: below the neck, above the back hair. */
export function paintClothes(brush: Brush, scale: number): void {
  paintTop(brush, scale);
  for (const [shape, side] of [
    [jacketLeft, -1],
    [jacketRight, 1],
  ] as const) {
    within(brush, () => {
      soft(brush, shape, 'rgba(20,4,20,0.5)', 12 * scale, 'multiply');
      brush.fillStyle = linear(
        brush,
        [side * 150, 460],
        [side * 450, 760],
        side < 0
          ? [
              [0, '#2b2030'],
              [0.45, '#43303f'],
              [1, '#1a1220'],
            ]
          : [
              [0, '#1c1424'],
              [0.5, '#2a1a30'],
              [1, '#140d1a'],
            ],
      );
      brush.fill(shape);
      brush.clip(shape);
      // Leather: a few broad folds with light on their ridges.
      const folds: Point[][] = [
        [
          [200, 500],
          [250, 600],
          [262, 760],
          [250, 900],
        ],
        [
          [300, 520],
          [330, 640],
          [322, 780],
          [330, 900],
        ],
        [
          [372, 560],
          [394, 680],
          [392, 800],
        ],
      ];
      for (const fold of folds) {
        const line = curve(fold.map(([x, y]): Point => [side * x, y]));
        softLine(brush, line, `rgba(255,214,200,${side < 0 ? 0.22 : 0.08})`, 16, 9 * scale, 'screen');
        within(brush, () => {
          brush.translate(side * 22, 8);
          softLine(brush, line, 'rgba(0,0,0,0.45)', 18, 10 * scale);
        });
      }
      softLine(
        brush,
        curve([
          [side * 160, 470],
          [side * 250, 484],
          [side * 350, 528],
          [side * 418, 622],
          [side * 450, 900],
        ]),
        side > 0 ? 'rgba(255,90,192,0.85)' : 'rgba(255,206,170,0.5)',
        10,
        5 * scale,
        'screen',
      );
    });
    paintLapel(brush, side, scale);
  }
  paintNecklace(brush, scale);
}

function paintTop(brush: Brush, scale: number): void {
  within(brush, () => {
    soft(brush, top, 'rgba(80,20,40,0.5)', 8 * scale, 'multiply');
    brush.fillStyle = linear(
      brush,
      [-180, 600],
      [180, 700],
      [
        [0, '#2f7f8c'],
        [0.5, '#1c5468'],
        [1, '#3a2c66'],
      ],
    );
    brush.fill(top);
    brush.clip(top);
    const chance = seeded(9);
    for (let i = 0; i < 1500; i++) {
      const [x, y] = [(chance() - 0.5) * 380, 560 + chance() * 330];
      const shine = chance();
      brush.fillStyle = rgba(
        shine > 0.86 ? [220, 255, 250] : shine > 0.4 ? [70, 160, 170] : [10, 34, 54],
        0.25 + 0.5 * chance(),
      );
      brush.fill(ellipse(x, y, 2.6, 1.9, chance()));
    }
    glow(brush, [-70, 680], 110, 120, [150, 240, 240], 0.3, 'screen');
    glow(brush, [130, 720], 80, 130, [255, 80, 190], 0.3, 'screen');
  });
}

function paintLapel(brush: Brush, side: number, scale: number): void {
  const lapel = curve(
    [
      [side * 122, 448],
      [side * 196, 486],
      [side * 236, 570],
      [side * 196, 606],
      [side * 214, 640],
      [side * 142, 800],
      [side * 128, 690],
      [side * 146, 570],
    ],
    true,
  );
  soft(brush, lapel, 'rgba(0,0,0,0.5)', 10 * scale);
  brush.fillStyle = linear(
    brush,
    [side * 120, 450],
    [side * 230, 640],
    side < 0
      ? [
          [0, '#5a4150'],
          [0.5, '#3a2936'],
          [1, '#251a28'],
        ]
      : [
          [0, '#2e2036'],
          [1, '#1b1222'],
        ],
  );
  brush.fill(lapel);
  softLine(
    brush,
    curve([
      [side * 126, 452],
      [side * 196, 488],
      [side * 234, 568],
      [side * 196, 604],
      [side * 212, 640],
      [side * 146, 790],
    ]),
    `rgba(255,220,210,${side < 0 ? 0.35 : 0.15})`,
    2,
    0.8 * scale,
    'screen',
  );
}

function paintNecklace(brush: Brush, scale: number): void {
  const chain = curve([
    [-116, 434],
    [-70, 494],
    [-24, 530],
    [0, 540],
    [24, 530],
    [70, 494],
    [116, 434],
  ]);
  within(brush, () => {
    brush.translate(2, 4);
    softLine(brush, chain, 'rgba(90,30,36,0.6)', 3, 2 * scale, 'multiply');
  });
  softLine(brush, chain, '#d8a860', 2.2, 0);
  softLine(brush, chain, 'rgba(255,244,214,0.7)', 0.9, 0);
  brush.fillStyle = linear(
    brush,
    [-10, 540],
    [10, 566],
    [
      [0, '#fff2cf'],
      [0.5, '#e0a94f'],
      [1, '#8d5524'],
    ],
  );
  brush.fill(
    curve(
      [
        [0, 540],
        [10, 556],
        [0, 572],
        [-10, 556],
      ],
      true,
    ),
  );
  glow(brush, [-3, 551], 7, 7, [255, 255, 255], 0.9, 'screen');
}
