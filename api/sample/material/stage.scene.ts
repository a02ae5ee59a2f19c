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
  type Point,
  paintLayer,
  type Rgb,
  radial,
  rgba,
  seeded,
  softLine,
  within,
} from '../../drawing/paint';
import { paintGleam, paintMicrophone } from './stage-microphone.drawing';

/** A chrome microphone on a stage, light beams behind, a crowd in front. Drawn at one size: 1080×1080. */
export const stageSize = { width: 1080, height: 1080, fps: 24 };

const size = 1080;
/** The microphone head's middle. */
const mic: Point = [540, 430];
const warm: Rgb = [255, 170, 70];
const red: Rgb = [255, 66, 84];
const blue: Rgb = [66, 130, 255];

type Beam = { layer: Layer; x: number; base: number; swing: number; speed: number; phase: number };

/** `length` in seconds is how long the camera's approach takes. */
export function createStage(length: number): Shot {
  const canvas = createCanvas(size, size);
  const brush = canvas.getContext('2d');
  const hall = paintLayer({ left: 0, top: 0, right: size, bottom: size }, 1, paintHall);
  const plans = [
    { x: 90, color: blue, base: -0.5, swing: 0.24, speed: 0.17, phase: 0 },
    { x: 330, color: red, base: -0.16, swing: 0.3, speed: 0.13, phase: 1.9 },
    { x: 540, color: warm, base: 0, swing: 0.34, speed: 0.15, phase: 3.1 },
    { x: 750, color: red, base: 0.18, swing: 0.3, speed: 0.12, phase: 4.4 },
    { x: 990, color: blue, base: 0.5, swing: 0.24, speed: 0.16, phase: 5.2 },
  ];
  const beams: Beam[] = plans.map(({ color, ...plan }) => ({ ...plan, layer: paintBeam(color) }));
  const microphone = paintLayer(
    { left: 330, top: 180, right: 750, bottom: size + 40 },
    1.08,
    paintMicrophone,
  );
  // The same metal lit from either side; the frame fades between them as the beams pass.
  const gleams = [blue, warm].map((color, i) =>
    paintLayer({ left: 330, top: 180, right: 750, bottom: 700 }, 1, (on) =>
      paintGleam(on, color, i === 0 ? -1 : 1),
    ),
  );
  const crowd = [0, 1].map((row) =>
    outOfFocus(
      paintLayer({ left: -60, top: -170, right: size + 60, bottom: 300 }, 1, (on) => paintCrowd(on, row)),
      1.5 + 2 * row,
    ),
  );
  const dust = createDust();
  return {
    canvas,
    paint(t) {
      brush.setTransform(1, 0, 0, 1, 0, 0);
      brush.globalCompositeOperation = 'copy';
      brush.drawImage(hall.canvas, 0, 0);
      brush.imageSmoothingQuality = 'low';
      brush.globalCompositeOperation = 'screen';
      for (const beam of beams) {
        within(brush, () => {
          brush.translate(beam.x, -30);
          brush.rotate(beam.base + beam.swing * Math.sin(2 * Math.PI * beam.speed * t + beam.phase));
          brush.globalAlpha = 0.66 + 0.3 * Math.sin(2 * Math.PI * 0.5 * t + beam.phase);
          // A beam is all blur: taking the nearest pixel saves a millisecond each and shows nothing.
          brush.imageSmoothingEnabled = false;
          brush.drawImage(beam.layer.canvas, beam.layer.left, 0);
        });
      }
      brush.globalCompositeOperation = 'source-over';
      const near = 1 + (0.07 * t) / length;
      within(brush, () => {
        brush.translate(...mic);
        brush.scale(near, near);
        brush.translate(-mic[0], -mic[1]);
        drawLayer(brush, microphone);
        brush.globalCompositeOperation = 'screen';
        gleams.forEach((gleam, i) => {
          brush.globalAlpha = 0.5 + 0.5 * Math.sin(2 * Math.PI * 0.34 * t + i * Math.PI);
          drawLayer(brush, gleam);
        });
      });
      dust.paint(brush, t);
      // The crowd moves with a beat of 112 a minute, the rows against each other.
      crowd.forEach((row, i) => {
        const beat = Math.sin(2 * Math.PI * (112 / 120) * t + i * 2.2);
        brush.drawImage(row.canvas, -60, Math.round(636 + i * 60 - 12 * beat * beat));
      });
    },
  };
}

function drawLayer(brush: Brush, layer: Layer): void {
  brush.drawImage(layer.canvas, layer.left, layer.top, layer.width, layer.height);
}

function outOfFocus(layer: Layer, blur: number): Layer {
  const box = {
    left: layer.left,
    top: layer.top,
    right: layer.left + layer.width,
    bottom: layer.top + layer.height,
  };
  return paintLayer(box, 1, (brush) => {
    brush.filter = `blur(${blur}px)`;
    brush.drawImage(layer.canvas, layer.left, layer.top);
  });
}

function paintHall(brush: Brush): void {
  brush.fillStyle = linear(
    brush,
    [0, 0],
    [0, size],
    [
      [0, '#0a0614'],
      [0.5, '#2a0d22'],
      [0.8, '#3f1420'],
      [1, '#12060e'],
    ],
  );
  brush.fillRect(0, 0, size, size);
  glow(brush, [540, 700], 640, 380, [255, 96, 60], 0.5, 'screen');
  glow(brush, [540, 420], 420, 420, warm, 0.32, 'screen');
  // Lamps on the truss.
  brush.fillStyle = 'rgba(6,4,12,0.9)';
  brush.fillRect(0, 0, size, 18);
  for (let x = 0; x < size; x += 54)
    softLine(
      brush,
      curve([
        [x, 18],
        [x + 27, 46],
        [x + 54, 18],
      ]),
      'rgba(10,6,18,0.9)',
      5,
      0,
    );
  brush.fillRect(0, 44, size, 8);
  const chance = seeded(12);
  for (let i = 0; i < 40; i++) {
    const [x, y] = [chance() * size, 560 + chance() * 260];
    const color = mix(chance() < 0.6 ? warm : red, [255, 255, 255], 0.3 * chance());
    const r = 8 + 22 * chance();
    brush.fillStyle = radial(brush, [x, y], 0, r, [
      [0, rgba(color, 0.2)],
      [0.85, rgba(color, 0.3)],
      [1, rgba(color, 0)],
    ]);
    brush.fill(ellipse(x, y, r, r));
  }
}

function paintBeam(color: Rgb): Layer {
  return paintLayer({ left: -160, top: 0, right: 160, bottom: 1000 }, 1, (brush) => {
    within(brush, () => {
      brush.filter = 'blur(15px)';
      brush.fillStyle = linear(
        brush,
        [0, 0],
        [0, 1000],
        [
          [0, rgba(mix(color, [255, 255, 255], 0.6), 0.85)],
          [0.25, rgba(color, 0.42)],
          [1, rgba(color, 0)],
        ],
      );
      brush.beginPath();
      brush.moveTo(-9, 0);
      brush.lineTo(9, 0);
      brush.lineTo(122, 1000);
      brush.lineTo(-122, 1000);
      brush.fill();
    });
    glow(brush, [0, 34], 70, 70, mix(color, [255, 255, 255], 0.7), 0.9, 'screen');
  });
}

/** Heads and raised hands, in silhouette with a warm edge; the nearer row (1) is darker and larger. */
function paintCrowd(brush: Brush, row: number): void {
  const chance = seeded(50 + row);
  const grow = 1 + row * 0.35;
  const fill = row === 0 ? '#1e0b18' : '#0a0409';
  const edge = row === 0 ? 'rgba(255,150,80,0.5)' : 'rgba(255,120,80,0.28)';
  for (let x = -50; x < size + 60; x += (62 + 40 * chance()) * grow) {
    const y = 130 + 40 * chance();
    const r = (24 + 6 * chance()) * grow;
    if (chance() < 0.42)
      paintArm(brush, [x + r * 1.7, y + 70], (150 + 60 * chance()) * grow, chance() - 0.5, fill, edge, grow);
    const shoulders = curve(
      [
        [x - r * 2.1, 360],
        [x - r * 1.8, y + r * 1.9],
        [x - r * 0.5, y + r * 1.15],
        [x + r * 0.5, y + r * 1.15],
        [x + r * 1.8, y + r * 1.9],
        [x + r * 2.1, 360],
      ],
      true,
    );
    for (const shape of [shoulders, ellipse(x, y, r * 0.84, r * 1.08)]) {
      softLine(brush, shape, edge, 3, 1);
      brush.fillStyle = fill;
      brush.fill(shape);
    }
  }
  brush.fillStyle = fill;
  brush.fillRect(-60, 250, size + 120, 100);
}

function paintArm(
  brush: Brush,
  [x, y]: Point,
  reach: number,
  lean: number,
  fill: string,
  edge: string,
  grow: number,
): void {
  const hand: Point = [x + lean * 70, y - reach];
  const arm = curve([[x, y + 120], [x + lean * 12 + 10, y - reach * 0.4], hand]);
  const fingers = [-0.5, -0.17, 0.17, 0.5].map((turn) =>
    curve([hand, [hand[0] + Math.sin(turn + lean * 0.4) * 30 * grow, hand[1] - Math.cos(turn) * 30 * grow]]),
  );
  softLine(brush, arm, edge, 22 * grow + 3, 1);
  for (const finger of fingers) softLine(brush, finger, edge, 6 * grow + 2, 1);
  softLine(brush, arm, fill, 21 * grow, 0);
  for (const finger of fingers) softLine(brush, finger, fill, 6 * grow, 0);
  brush.fillStyle = fill;
  brush.fill(ellipse(hand[0], hand[1] - 4, 12 * grow, 13 * grow));
}

/** Motes that rise slowly through the light. */
function createDust(): { paint(brush: Brush, t: number): void } {
  const chance = seeded(61);
  const motes = Array.from({ length: 90 }, () => ({
    x: chance() * size,
    y: chance() * size,
    rise: 12 + 34 * chance(),
    size: 1 + 2.4 * chance() ** 2,
    phase: chance() * 6.28,
  }));
  return {
    paint(brush, t) {
      for (const mote of motes) {
        const y = (((mote.y - mote.rise * t) % size) + size) % size;
        const x = mote.x + 14 * Math.sin(0.6 * t + mote.phase);
        brush.fillStyle = rgba([255, 226, 180], 0.16 + 0.4 * (0.5 + 0.5 * Math.sin(1.9 * t + mote.phase)));
        brush.fill(ellipse(x, y, mote.size, mote.size));
      }
    },
  };
}
