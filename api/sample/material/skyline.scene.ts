import { createCanvas } from '@napi-rs/canvas';
import type { Shot } from '../../drawing/frame-video';
import {
  type Brush,
  curve,
  ellipse,
  glow,
  type Layer,
  linear,
  mix,
  paintLayer,
  type Rgb,
  rgba,
  seeded,
  soft,
  softLine,
  within,
} from '../../drawing/paint';

/** A night city over water that the camera travels past. Drawn at one size: 1920×1080. */
export const skylineSize = { width: 1920, height: 1080, fps: 30 };

const { width, height } = skylineSize;
const shore = 770;

/** One row of houses; `step` whole pixels a frame, so that the travelling is even and costs no resampling. */
type Row = { layer: Layer; mirror: Layer; step: number; beacons: { x: number; y: number; phase: number }[] };
type RowPlan = {
  seed: number;
  step: number;
  low: number;
  high: number;
  wide: number;
  wall: Rgb;
  haze: Rgb;
  lit: number;
};

/** Far, middle, near: nearer rows are darker, taller and faster. */
const plans: RowPlan[] = [
  { seed: 3, step: 1, low: 120, high: 300, wide: 74, wall: [72, 52, 118], haze: [150, 76, 142], lit: 0.16 },
  { seed: 8, step: 2, low: 170, high: 430, wide: 104, wall: [38, 30, 78], haze: [92, 50, 116], lit: 0.3 },
  { seed: 15, step: 4, low: 90, high: 330, wide: 150, wall: [16, 13, 36], haze: [40, 24, 66], lit: 0.36 },
];

/** `length` in seconds decides how far the rows reach beyond the right edge. */
export function createSkyline(length: number): Shot {
  const canvas = createCanvas(width, height);
  const brush = canvas.getContext('2d');
  const sky = paintLayer({ left: 0, top: 0, right: width, bottom: height }, 1, paintSky);
  const rows = plans.map((plan) => createRow(plan, width + plan.step * Math.ceil(length * skylineSize.fps)));
  const ripples = paintLayer(
    { left: 0, top: 0, right: width + 240, bottom: height - shore },
    1,
    paintRipples,
  );
  const cars = createCars();
  return {
    canvas,
    paint(t) {
      const frame = Math.round(t * skylineSize.fps);
      brush.globalCompositeOperation = 'copy';
      brush.drawImage(sky.canvas, 0, 0);
      brush.globalCompositeOperation = 'source-over';
      paintPlane(brush, t);
      for (const row of rows) {
        const x = -row.step * frame;
        brush.drawImage(row.layer.canvas, x, row.layer.top);
        brush.drawImage(row.mirror.canvas, x, shore);
        for (const beacon of row.beacons) {
          const on = Math.sin(2 * Math.PI * 0.8 * t + beacon.phase);
          if (on > 0.1) glow(brush, [beacon.x + x, beacon.y], 15, 15, [255, 60, 70], on, 'screen');
        }
      }
      cars.paint(brush, t);
      brush.globalCompositeOperation = 'screen';
      brush.globalAlpha = 0.85;
      brush.drawImage(ripples.canvas, -((frame * 3) % 240), shore);
      brush.globalAlpha = 0.6;
      brush.drawImage(ripples.canvas, -240 + ((frame * 2) % 240), shore + 3);
      brush.globalAlpha = 1;
      brush.globalCompositeOperation = 'source-over';
    },
  };
}

function paintSky(brush: Brush): void {
  brush.fillStyle = linear(
    brush,
    [0, 0],
    [0, shore],
    [
      [0, '#0b0a2a'],
      [0.4, '#2a1a5e'],
      [0.72, '#7a2f7e'],
      [0.9, '#d9627c'],
      [1, '#f7a072'],
    ],
  );
  brush.fillRect(0, 0, width, shore);
  brush.fillStyle = linear(
    brush,
    [0, shore],
    [0, height],
    [
      [0, '#a84a74'],
      [0.25, '#4b2a68'],
      [1, '#0c0a26'],
    ],
  );
  brush.fillRect(0, shore, width, height - shore);
  const chance = seeded(2);
  for (let i = 0; i < 320; i++) {
    const y = 440 * chance() ** 1.6;
    brush.fillStyle = `rgba(255,244,230,${(0.75 * chance() * (1 - y / 480)).toFixed(3)})`;
    brush.fill(ellipse(chance() * width, y, 0.6 + chance() * 1.1, 0.6 + chance() * 1.1));
  }
  paintMoon(brush);
  for (let i = 0; i < 9; i++) {
    const [x, y] = [chance() * width, 250 + chance() * 300];
    const long = 240 + chance() * 380;
    soft(
      brush,
      curve(
        [
          [x - long, y],
          [x - long * 0.3, y - 10],
          [x + long * 0.4, y - 6],
          [x + long, y + 4],
          [x, y + 9],
        ],
        true,
      ),
      `rgba(255,150,150,${(0.1 + chance() * 0.16).toFixed(3)})`,
      9,
    );
  }
  // The moon's path on the water.
  for (let i = 0; i < 60; i++) {
    const y = shore + 6 + (i / 60) ** 1.3 * 290;
    const wide = 22 + 74 * chance() * (0.4 + i / 60);
    brush.fillStyle = `rgba(255,222,196,${(0.3 * chance() * (1 - i / 80)).toFixed(3)})`;
    brush.fill(ellipse(1400 + (chance() - 0.5) * 120, y, wide, 1.6));
  }
}

function paintMoon(brush: Brush): void {
  glow(brush, [1400, 270], 420, 420, [255, 190, 170], 0.4, 'screen');
  const disc = ellipse(1400, 270, 104, 104);
  within(brush, () => {
    brush.fillStyle = linear(
      brush,
      [1330, 190],
      [1470, 350],
      [
        [0, '#fff6e2'],
        [0.6, '#ffdcb8'],
        [1, '#f0a98e'],
      ],
    );
    brush.fill(disc);
    brush.clip(disc);
    for (const [x, y, r] of [
      [1372, 246, 30],
      [1420, 300, 38],
      [1440, 236, 20],
      [1366, 318, 18],
      [1402, 206, 13],
    ] as const) {
      soft(brush, ellipse(x, y, r, r * 0.86), 'rgba(206,140,124,0.34)', 5);
    }
  });
}

function createRow(plan: RowPlan, length: number): Row {
  const chance = seeded(plan.seed);
  const top = shore - plan.high - 90;
  const beacons: Row['beacons'] = [];
  const layer = paintLayer({ left: 0, top, right: length, bottom: shore }, 1, (brush) => {
    for (let x = -20; x < length; ) {
      const wide = plan.wide * (0.6 + 0.8 * chance());
      const tall = plan.low + (plan.high - plan.low) * chance() ** 1.5;
      paintHouse(brush, plan, chance, x, shore - tall, wide, tall);
      if (tall > plan.high * 0.62) {
        const mast = 26 + 40 * chance();
        softLine(
          brush,
          curve([
            [x + wide / 2, shore - tall + 2],
            [x + wide / 2, shore - tall - mast],
          ]),
          rgba(plan.wall),
          3,
          0,
        );
        beacons.push({ x: x + wide / 2, y: shore - tall - mast, phase: chance() * 6.28 });
      }
      x += wide + (chance() < 0.3 ? plan.wide * 0.3 * chance() : -2);
    }
  });
  const deep = height - shore;
  const mirror = paintLayer({ left: 0, top: 0, right: length, bottom: deep }, 1, (brush) => {
    within(brush, () => {
      brush.filter = 'blur(4px)';
      brush.scale(1, -0.82);
      brush.globalAlpha = 0.62;
      brush.drawImage(layer.canvas, 0, -(shore - top));
    });
    // Fades with distance from the shore.
    brush.globalCompositeOperation = 'destination-in';
    brush.fillStyle = linear(
      brush,
      [0, 0],
      [0, deep],
      [
        [0, 'rgba(0,0,0,0.95)'],
        [1, 'rgba(0,0,0,0.12)'],
      ],
    );
    brush.fillRect(0, 0, length, deep);
  });
  return { layer, mirror, step: plan.step, beacons };
}

function paintHouse(
  brush: Brush,
  plan: RowPlan,
  chance: () => number,
  x: number,
  y: number,
  wide: number,
  tall: number,
): void {
  const wall = mix(plan.wall, plan.haze, 0.25 * chance());
  brush.fillStyle = linear(
    brush,
    [0, y],
    [0, shore],
    [
      [0, rgba(wall)],
      [1, rgba(mix(wall, plan.haze, 0.75))],
    ],
  );
  brush.fillRect(x, y, wide, tall);
  if (chance() < 0.4) brush.fillRect(x + wide * 0.2, y - 22, wide * 0.6, 24);
  // The side towards the moon catches a little of it.
  brush.fillStyle = rgba([255, 170, 160], 0.12);
  brush.fillRect(x + wide - 5, y, 5, tall);
  const cell = plan.wide * 0.13;
  const columns = Math.floor((wide - cell) / cell);
  for (let row = 0; row < (tall - 14) / (cell * 1.35); row++) {
    // Whole floors are lit together now and then, as offices are.
    const floor = chance() < 0.1 ? 0.85 : plan.lit;
    for (let column = 0; column < columns; column++) {
      if (chance() > floor) continue;
      const warm = chance();
      const color: Rgb = warm < 0.62 ? [255, 206, 128] : warm < 0.85 ? [255, 236, 206] : [130, 214, 255];
      brush.fillStyle = rgba(color, 0.45 + 0.5 * chance());
      brush.fillRect(x + cell * (column + 0.75), y + 12 + row * cell * 1.35, cell * 0.56, cell * 0.72);
    }
  }
}

function paintRipples(brush: Brush): void {
  const chance = seeded(19);
  const wide = width + 240;
  for (let i = 0; i < 520; i++) {
    const share = chance();
    const y = 4 + share ** 1.4 * (height - shore);
    const x = chance() * wide;
    const long = 14 + 70 * chance() * (0.35 + share);
    const warm = chance() < 0.55;
    const color: Rgb = warm ? [255, 176, 132] : [140, 150, 255];
    // Repeated one tile further, so that the layer can travel for ever.
    for (const again of [0, 240]) {
      brush.fillStyle = rgba(color, 0.05 + 0.13 * chance());
      brush.fill(ellipse((x % 240) + again + Math.floor(x / 240) * 240, y, long, 0.8 + 1.2 * share));
    }
  }
}

/** Lights crossing a bridge at the water's edge, white one way and red the other. */
function createCars(): { paint(brush: Brush, t: number): void } {
  const chance = seeded(23);
  const cars = Array.from({ length: 46 }, (_, i) => ({
    away: i % 2 === 0,
    at: chance() * 2300,
    speed: 250 + 130 * chance(),
  }));
  const lamp = (color: Rgb): Layer =>
    paintLayer({ left: -46, top: -14, right: 46, bottom: 14 }, 1, (brush) => {
      glow(brush, [0, 0], 44, 8, color, 0.75);
      glow(brush, [0, 0], 9, 7, mix(color, [255, 255, 255], 0.6), 1);
    });
  const lamps = { red: lamp([255, 60, 60]), white: lamp([255, 236, 196]) };
  const bridge = paintLayer({ left: 0, top: shore - 34, right: width, bottom: shore + 10 }, 1, (brush) => {
    brush.fillStyle = linear(
      brush,
      [0, shore - 22],
      [0, shore + 8],
      [
        [0, '#2c1f48'],
        [0.4, '#120d26'],
        [1, '#08061a'],
      ],
    );
    brush.fillRect(0, shore - 22, width, 30);
    brush.fillStyle = 'rgba(255,190,150,0.35)';
    brush.fillRect(0, shore - 22, width, 2);
  });
  return {
    paint(brush, t) {
      brush.drawImage(bridge.canvas, 0, bridge.top);
      brush.globalCompositeOperation = 'screen';
      for (const car of cars) {
        const gone = (car.at + car.speed * t) % 2300;
        const x = (car.away ? gone : 2300 - gone) - 190;
        const layer = car.away ? lamps.red : lamps.white;
        brush.drawImage(layer.canvas, x - 46, shore - (car.away ? 38 : 32));
      }
      brush.globalCompositeOperation = 'source-over';
    },
  };
}

/** An aeroplane crossing, with its strobe. */
function paintPlane(brush: Brush, t: number): void {
  const [x, y] = [240 + 74 * t, 190 - 9 * t];
  glow(brush, [x, y], 7, 7, [255, 240, 220], 0.9, 'screen');
  if (t % 1 < 0.12) glow(brush, [x + 4, y + 2], 20, 20, [255, 255, 255], 1, 'screen');
  glow(brush, [x - 10, y + 2], 6, 6, [255, 70, 70], 0.5 + 0.5 * Math.sin(7 * t), 'screen');
}
