import { type Brush, curve, glow, linear, type Point, softLine, within } from '../../drawing/paint';

/** The drawn lips in face units, corner to corner, as the tracker's lip rings name them. */
export type LipCurves = {
  upperOuter: Point[];
  upperInner: Point[];
  lowerInner: Point[];
  lowerOuter: Point[];
};

/** Lip edges for a mouth `open` units high in its middle (0 is shut): the lower lip goes further. */
export function lipCurves(open: number): LipCurves {
  const up = open * 0.22;
  const down = open * 0.78;
  const narrow = open * 0.12;
  const right = (x: number): number => x - (narrow * x) / 78;
  const both = (half: Point[]): Point[] => [
    ...half
      .slice()
      .reverse()
      .filter(([x]) => x !== 0)
      .map(([x, y]): Point => [-right(x), y]),
    ...half.map(([x, y]): Point => [right(x), y]),
  ];
  return {
    upperOuter: both([
      [0, 161 - up],
      [17, 155.5 - up],
      [44, 161 - up * 0.7],
      [81, 172.5],
    ]),
    upperInner: both([
      [0, 179 - up],
      [18, 176.5 - up * 0.95],
      [44, 176.5 - up * 0.6],
      [79, 173],
    ]),
    lowerInner: both([
      [0, 179.5 + down],
      [18, 177.5 + down * 0.95],
      [44, 177.5 + down * 0.6],
      [79, 173.5],
    ]),
    lowerOuter: both([
      [0, 213 + down * 0.9],
      [26, 210 + down * 0.85],
      [54, 195 + down * 0.6],
      [81, 174],
    ]),
  };
}

/** The mouth: lips, and what is between them. */
export function paintMouth(brush: Brush, scale: number, open: number): void {
  const lips = lipCurves(open);
  const upper = curve([...lips.upperOuter, ...lips.upperInner.slice().reverse()], true);
  const lower = curve([...lips.lowerInner, ...lips.lowerOuter.slice().reverse()], true);
  const gap = curve([...lips.upperInner, ...lips.lowerInner.slice(1, -1).reverse()], true);
  // A soft edge of lip colour, so the lips do not look cut out.
  softLine(brush, curve(lips.upperOuter), 'rgba(170,66,78,0.5)', 5, 2.4 * scale, 'multiply');
  softLine(brush, curve(lips.lowerOuter), 'rgba(170,66,78,0.5)', 5, 2.6 * scale, 'multiply');
  if (open > 1) paintInside(brush, gap, open, scale);
  within(brush, () => {
    brush.fillStyle = linear(
      brush,
      [-70, 150],
      [70, 190],
      [
        [0, '#b5434f'],
        [0.45, '#a93a4b'],
        [1, '#7d2840'],
      ],
    );
    brush.fill(upper);
    brush.clip(upper);
    softLine(brush, curve(lips.upperInner), 'rgba(90,16,36,0.55)', 9, 3.4 * scale, 'multiply');
    softLine(brush, curve(lips.upperOuter), 'rgba(255,190,180,0.28)', 4, 2 * scale, 'screen');
  });
  within(brush, () => {
    brush.fillStyle = linear(
      brush,
      [0, 178 + open * 0.78],
      [0, 214 + open * 0.7],
      [
        [0, '#b04152'],
        [0.4, '#cb5a66'],
        [0.75, '#bd4c5b'],
        [1, '#97364a'],
      ],
    );
    brush.fill(lower);
    brush.clip(lower);
    const y = 193 + open * 0.8;
    glow(brush, [-20, y], 36, 10, [255, 206, 200], 0.55, 'screen');
    glow(brush, [-24, y - 1], 15, 4.5, [255, 244, 240], 0.7, 'screen');
    glow(brush, [24, y + 1], 18, 7, [255, 180, 200], 0.28, 'screen');
    softLine(brush, curve(lips.lowerInner), 'rgba(100,20,40,0.45)', 6, 2.6 * scale, 'multiply');
    // Fine folds.
    for (let x = -46; x <= 46; x += 9) {
      softLine(
        brush,
        curve([
          [x * 0.92, y - 12],
          [x, y - 2],
          [x * 1.02, y + 9],
        ]),
        'rgba(120,30,50,0.16)',
        1.6,
        0.5 * scale,
        'multiply',
      );
    }
  });
  if (open <= 4) softLine(brush, curve(lips.upperInner), 'rgba(62,8,22,0.92)', 3.2, 0.9 * scale);
  for (const side of [-1, 1])
    glow(brush, [side * (78 - open * 0.12), 173], 6, 4, [90, 24, 36], 0.6, 'multiply');
}

function paintInside(brush: Brush, gap: ReturnType<typeof curve>, open: number, scale: number): void {
  within(brush, () => {
    brush.fillStyle = '#2b060d';
    brush.fill(gap);
    brush.clip(gap);
    // The upper teeth's edge, in the lip's shadow.
    const top = 179 - open * 0.22;
    const teeth = curve(
      [
        [-40, top - 6],
        [40, top - 6],
        [36, top + 6],
        [0, top + 10],
        [-36, top + 6],
      ],
      true,
    );
    brush.fillStyle = linear(
      brush,
      [-40, 0],
      [40, 0],
      [
        [0, '#8a6a66'],
        [0.3, '#e8d8cf'],
        [0.6, '#d8c4bc'],
        [1, '#6a4448'],
      ],
    );
    brush.fill(teeth);
    softLine(
      brush,
      curve([
        [-60, top],
        [0, top - 1],
        [60, top],
      ]),
      'rgba(60,10,20,0.6)',
      5,
      2 * scale,
      'multiply',
    );
    glow(brush, [0, 180 + open], 34, open * 0.5 + 2, [150, 50, 60], 0.7);
  });
}
