import {
  type Brush,
  curve,
  ellipse,
  linear,
  mix,
  type Rgb,
  rgba,
  soft,
  softLine,
  within,
} from '../../drawing/paint';

/** The outline of the head: the rounded, ribbed shape of a 1950s stage microphone. */
const head = curve(
  [
    [540, 226],
    [628, 246],
    [672, 318],
    [682, 430],
    [668, 540],
    [622, 612],
    [540, 634],
    [458, 612],
    [412, 540],
    [398, 430],
    [408, 318],
    [452, 246],
  ],
  true,
);

const chrome = [
  [0, '#1c1a22'],
  [0.1, '#8d8a92'],
  [0.2, '#f4f2ee'],
  [0.3, '#a9a3a4'],
  [0.44, '#5b5560'],
  [0.56, '#d8d2cc'],
  [0.64, '#fffaf0'],
  [0.74, '#8c8288'],
  [0.9, '#3a343e'],
  [1, '#131119'],
] as const;

/** Stand, yoke and head, in pixels of the stage's picture. */
export function paintMicrophone(brush: Brush): void {
  // Stand and yoke.
  brush.fillStyle = linear(brush, [518, 0], [562, 0], chrome);
  brush.fillRect(524, 690, 32, 450);
  brush.fillStyle = linear(brush, [490, 0], [590, 0], chrome);
  brush.fill(
    curve(
      [
        [500, 632],
        [580, 632],
        [590, 700],
        [572, 752],
        [508, 752],
        [490, 700],
      ],
      true,
    ),
  );
  softLine(
    brush,
    curve([
      [496, 690],
      [540, 698],
      [584, 690],
    ]),
    'rgba(0,0,0,0.6)',
    4,
    1.5,
  );
  softLine(
    brush,
    curve([
      [504, 738],
      [540, 745],
      [576, 738],
    ]),
    'rgba(0,0,0,0.5)',
    3,
    1.5,
  );
  soft(brush, ellipse(540, 640, 34, 16), 'rgba(0,0,0,0.6)', 6);
  // The shell.
  soft(brush, head, 'rgba(0,0,0,0.55)', 18);
  brush.fillStyle = linear(brush, [398, 0], [682, 0], chrome);
  brush.fill(head);
  within(brush, () => {
    brush.clip(head);
    // Openings between the ribs show the dark mesh.
    for (const side of [-1, 1]) {
      for (let i = 0; i < 4; i++) {
        const x = 540 + side * (30 + i * 31);
        const tall = 158 - i * i * 7;
        const slot = curve(
          [
            [x, 420 - tall],
            [x + 11, 400 - tall * 0.7],
            [x + 12, 470],
            [x, 420 + tall],
            [x - 12, 470],
            [x - 11, 400 - tall * 0.7],
          ],
          true,
        );
        paintSlot(brush, slot, x);
      }
    }
    // The band round the middle, and the badge on it.
    brush.fillStyle = linear(
      brush,
      [0, 408],
      [0, 468],
      [
        [0, '#1d1a20'],
        [0.12, '#fffaf0'],
        [0.35, '#b9b2b0'],
        [0.6, '#5b545a'],
        [0.88, '#e9e2da'],
        [1, '#17141a'],
      ],
    );
    brush.fillRect(380, 408, 320, 58);
    brush.fillStyle = linear(
      brush,
      [0, 412],
      [0, 464],
      [
        [0, '#ff8b6a'],
        [0.5, '#c22a3a'],
        [1, '#6a0e22'],
      ],
    );
    brush.fill(ellipse(540, 437, 64, 20));
    softLine(brush, ellipse(540, 437, 64, 20), '#f2d9a8', 3, 0);
    // Light from above, shade below.
    brush.fillStyle = linear(
      brush,
      [0, 226],
      [0, 634],
      [
        [0, 'rgba(255,240,220,0.5)'],
        [0.24, 'rgba(255,240,220,0)'],
        [0.72, 'rgba(10,4,14,0)'],
        [1, 'rgba(10,4,14,0.75)'],
      ],
    );
    brush.fillRect(390, 220, 300, 420);
    softLine(brush, head, 'rgba(0,0,0,0.7)', 12, 5);
  });
  softLine(
    brush,
    curve([
      [440, 262],
      [470, 240],
      [540, 227],
      [606, 238],
    ]),
    'rgba(255,252,240,0.95)',
    5,
    2,
    'screen',
  );
}

function paintSlot(brush: Brush, slot: ReturnType<typeof curve>, x: number): void {
  within(brush, () => {
    brush.fillStyle = '#0c090f';
    brush.fill(slot);
    brush.clip(slot);
    brush.strokeStyle = 'rgba(190,180,170,0.34)';
    brush.lineWidth = 1.1;
    brush.beginPath();
    for (let y = 240; y < 640; y += 5) {
      brush.moveTo(x - 16, y);
      brush.lineTo(x + 16, y + 8);
      brush.moveTo(x + 16, y);
      brush.lineTo(x - 16, y + 8);
    }
    brush.stroke();
  });
  softLine(brush, slot, 'rgba(255,250,240,0.55)', 2.2, 0.6);
}

/** A coloured light along the head's left (side -1) or right (1) edge. */
export function paintGleam(brush: Brush, color: Rgb, side: number): void {
  brush.clip(head);
  softLine(
    brush,
    curve([
      [540 + side * 70, 244],
      [540 + side * 122, 320],
      [540 + side * 134, 430],
      [540 + side * 120, 540],
      [540 + side * 70, 610],
    ]),
    rgba(color, 0.95),
    26,
    12,
  );
  softLine(
    brush,
    curve([
      [540 + side * 88, 262],
      [540 + side * 130, 340],
      [540 + side * 137, 430],
    ]),
    rgba(mix(color, [255, 255, 255], 0.6), 0.9),
    7,
    3,
  );
}
