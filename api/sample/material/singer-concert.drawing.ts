import { createCanvas } from '@napi-rs/canvas';
import {
  type Brush,
  curve,
  glow,
  linear,
  mix,
  type Point,
  paintLayer,
  type Rgb,
  radial,
  rgba,
  seeded,
  soft,
  within,
} from '../../drawing/paint';

/** The stage round the singer: `behind` is painted before her, `before` after. In pixels. */
export type Concert = { behind(brush: Brush, t: number): void; before(brush: Brush, t: number): void };

const pink: Rgb = [255, 70, 170];
const violet: Rgb = [126, 70, 255];
const teal: Rgb = [40, 190, 220];
const amber: Rgb = [255, 176, 96];

type Beam = { color: Rgb; from: Point; base: number; swing: number; speed: number; phase: number };
type Light = { at: Point; size: number; color: Rgb; speed: number; phase: number; alpha: number };

export function createConcert(width: number, height: number): Concert {
  const unit = Math.min(width, height) / 720;
  const back = paintLayer({ left: 0, top: 0, right: width, bottom: height }, 1, (brush) =>
    paintHall(brush, width, height),
  );
  const front = paintLayer({ left: 0, top: 0, right: width, bottom: height }, 1, (brush) =>
    paintVignette(brush, width, height),
  );
  const plans: Beam[] = [
    { color: violet, from: [width * 0.08, -40], base: 0.62, swing: 0.16, speed: 0.11, phase: 0 },
    { color: pink, from: [width * 0.93, -40], base: -0.52, swing: 0.15, speed: 0.09, phase: 1.3 },
    { color: teal, from: [width * 0.36, -60], base: 0.12, swing: 0.2, speed: 0.13, phase: 2.2 },
  ];
  const beams = plans.map((beam) => ({ ...beam, layer: paintBeam(beam.color, height * 1.05, 120 * unit) }));
  const lights = hallLights(width, height, unit);
  const discs = [pink, violet, teal, amber].map((color) => paintDisc(color, 40 * unit));
  const colors = [pink, violet, teal, amber];
  return {
    behind(brush, t) {
      brush.globalCompositeOperation = 'copy';
      brush.drawImage(back.canvas, 0, 0);
      brush.globalCompositeOperation = 'screen';
      for (const beam of beams) {
        within(brush, () => {
          brush.translate(...beam.from);
          brush.rotate(-beam.base + beam.swing * Math.sin(2 * Math.PI * beam.speed * t + beam.phase));
          brush.globalAlpha = 0.62 + 0.3 * Math.sin(2 * Math.PI * 0.37 * t + beam.phase * 2);
          // A beam is all blur: taking the nearest pixel saves a millisecond each and shows nothing.
          brush.imageSmoothingEnabled = false;
          brush.drawImage(beam.layer.canvas, beam.layer.left, 0);
        });
      }
      for (const light of lights) {
        const disc = discs[colors.indexOf(light.color)];
        if (disc === undefined) continue;
        const drift = 2 * Math.PI * light.speed * t + light.phase;
        brush.globalAlpha = light.alpha * (0.62 + 0.38 * Math.sin(drift * 2.3));
        const x = light.at[0] + 16 * unit * Math.sin(drift);
        const y = light.at[1] - 8 * unit * Math.cos(drift * 0.8);
        brush.drawImage(disc, x - light.size, y - light.size, 2 * light.size, 2 * light.size);
      }
      brush.globalAlpha = 1;
      brush.globalCompositeOperation = 'source-over';
    },
    before(brush) {
      brush.drawImage(front.canvas, 0, 0);
    },
  };
}

function paintHall(brush: Brush, width: number, height: number): void {
  brush.fillStyle = linear(
    brush,
    [0, 0],
    [0, height],
    [
      [0, '#120822'],
      [0.45, '#2a0f45'],
      [0.78, '#1a0b33'],
      [1, '#0b0618'],
    ],
  );
  brush.fillRect(0, 0, width, height);
  glow(brush, [width * 0.72, height * 0.42], width * 0.44, height * 0.62, pink, 0.5, 'screen');
  glow(brush, [width * 0.2, height * 0.46], width * 0.42, height * 0.6, [50, 90, 220], 0.55, 'screen');
  glow(brush, [width * 0.5, height * 0.2], width * 0.34, height * 0.4, violet, 0.42, 'screen');
  // Drapes, far out of focus.
  const chance = seeded(31);
  for (let i = 0; i < 12; i++) {
    const x = (i / 11) * width;
    const wide = width * (0.02 + 0.02 * chance());
    soft(
      brush,
      curve(
        [
          [x, -20],
          [x + wide, height * 0.5],
          [x, height + 20],
          [x - wide, height * 0.5],
        ],
        true,
      ),
      i % 2 === 0 ? 'rgba(6,2,16,0.35)' : 'rgba(150,90,220,0.08)',
      24,
    );
  }
}

function paintVignette(brush: Brush, width: number, height: number): void {
  brush.fillStyle = radial(
    brush,
    [width / 2, height * 0.46],
    Math.min(width, height) * 0.5,
    Math.hypot(width, height) * 0.58,
    [
      [0, 'rgba(8,2,18,0)'],
      [0.5, 'rgba(8,2,18,0.22)'],
      [1, 'rgba(8,2,18,0.72)'],
    ],
  );
  brush.fillRect(0, 0, width, height);
}

function paintBeam(color: Rgb, length: number, half: number) {
  return paintLayer({ left: -1.6 * half, top: 0, right: 1.6 * half, bottom: length }, 1, (brush) => {
    within(brush, () => {
      brush.filter = `blur(${half * 0.16}px)`;
      brush.fillStyle = linear(
        brush,
        [0, 0],
        [0, length],
        [
          [0, rgba(mix(color, [255, 255, 255], 0.4), 0.6)],
          [0.3, rgba(color, 0.34)],
          [1, rgba(color, 0)],
        ],
      );
      brush.beginPath();
      brush.moveTo(-6, 0);
      brush.lineTo(6, 0);
      brush.lineTo(half, length);
      brush.lineTo(-half, length);
      brush.fill();
    });
  });
}

/** One out-of-focus light: a flat disc with a brighter rim, as a lens draws it. */
function paintDisc(color: Rgb, size: number) {
  const canvas = createCanvas(Math.ceil(size * 2), Math.ceil(size * 2));
  const brush = canvas.getContext('2d');
  const pale = mix(color, [255, 255, 255], 0.25);
  brush.fillStyle = radial(brush, [size, size], 0, size, [
    [0, rgba(pale, 0.34)],
    [0.78, rgba(pale, 0.42)],
    [0.88, rgba(mix(color, [255, 255, 255], 0.5), 0.62)],
    [0.94, rgba(color, 0.28)],
    [1, rgba(color, 0)],
  ]);
  brush.fillRect(0, 0, 2 * size, 2 * size);
  return canvas;
}

function hallLights(width: number, height: number, unit: number): Light[] {
  const chance = seeded(41);
  return Array.from({ length: 34 }, (_, i) => {
    const x = chance() * width;
    const right = x > width / 2;
    const pick = chance();
    return {
      at: [x, height * (0.12 + 0.7 * chance())] as const,
      size: (9 + 26 * chance() ** 2) * unit,
      color: pick < 0.22 ? amber : right ? (pick < 0.7 ? pink : violet) : pick < 0.7 ? teal : violet,
      speed: 0.03 + 0.05 * chance(),
      phase: i * 1.7,
      alpha: 0.35 + 0.5 * chance(),
    };
  });
}
