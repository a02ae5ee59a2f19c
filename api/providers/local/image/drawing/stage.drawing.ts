import { ellipse, glow, type Rgb, rgba, within } from '../../../../drawing/paint';
import { mixColours } from '../colour.rules';
import { chanceOf, gradient, type Plate } from './plate';

/** Beams from the rig, haze, a lit floor and, if there is one, the crowd. */
export function drawStage(plate: Plate): void {
  const { brush, width, height, horizon, palette, light } = plate;
  const chance = chanceOf(plate, 90);
  const floor = horizon + (height - horizon) * 0.34;
  brush.fillStyle = gradient(
    brush,
    [0, 0],
    [0, floor],
    [
      palette.ink,
      mixColours(palette.ink, palette.sky[1], 0.45),
      mixColours(palette.sky[1], palette.sky[2], 0.35),
    ],
    [0, 0.4, 1],
  );
  brush.fillRect(0, 0, width, height);
  brush.fillStyle = gradient(
    brush,
    [0, floor],
    [0, height],
    [mixColours(palette.near, palette.sky[1], 0.4), palette.ink],
  );
  brush.fillRect(0, floor, width, height - floor);
  const beams = 7 + Math.floor(chance() * 4);
  for (let index = 0; index < beams; index++) {
    const x = width * ((index + 0.5) / beams) + (chance() - 0.5) * 40;
    const colour = index % 3 === 0 ? palette.accent : index % 3 === 1 ? palette.sky[2] : palette.light;
    const aim = light[0] + (x - light[0]) * (0.2 + 0.5 * chance()) * (chance() < 0.3 ? -1 : 1);
    beam(plate, x, 34, aim, floor + 60, 60 + 80 * chance(), colour, 0.34 + 0.2 * chance());
  }
  beam(plate, light[0], 34, light[0], floor + 70, 170, palette.light, 0.55);
  glow(brush, [light[0], floor + 66], 360, 74, palette.light, 0.75, 'screen');
  glow(brush, [light[0], floor - 90], 520, 320, palette.sky[2], 0.4, 'screen');
  brush.fillStyle = rgba(palette.ink);
  brush.fillRect(0, 22, width, 9);
  brush.fillRect(0, 42, width, 4);
  for (let x = 8; x < width; x += 27) {
    brush.lineWidth = 2;
    brush.strokeStyle = rgba(palette.ink);
    brush.beginPath();
    brush.moveTo(x, 28);
    brush.lineTo(x + 13, 44);
    brush.lineTo(x + 27, 28);
    brush.stroke();
  }
  for (let index = 0; index < beams; index++) {
    const x = width * ((index + 0.5) / beams);
    brush.fillRect(x - 11, 38, 22, 24);
    glow(brush, [x, 62], 34, 26, palette.light, 0.95, 'screen');
  }
  if (plate.reading.crowd || plate.reading.framing === 'small' || plate.reading.framing === 'none')
    drawCrowd(plate, chance);
  for (let index = 0; index < 46; index++) {
    const size = 1 + 3 * chance() ** 3;
    glow(
      brush,
      [chance() * width, chance() * floor],
      size * 2,
      size * 2,
      palette.light,
      0.6 * chance(),
      'screen',
    );
  }
}

function beam(
  plate: Plate,
  x: number,
  y: number,
  toX: number,
  toY: number,
  wide: number,
  colour: Rgb,
  alpha: number,
): void {
  const { brush, scale } = plate;
  within(brush, () => {
    brush.filter = `blur(${6 * scale}px)`;
    brush.globalCompositeOperation = 'screen';
    const fade = brush.createLinearGradient(x, y, toX, toY);
    fade.addColorStop(0, rgba(colour, alpha));
    fade.addColorStop(0.55, rgba(colour, alpha * 0.42));
    fade.addColorStop(1, rgba(colour, alpha * 0.08));
    brush.fillStyle = fade;
    brush.beginPath();
    brush.moveTo(x - 7, y);
    brush.lineTo(x + 7, y);
    brush.lineTo(toX + wide, toY);
    brush.lineTo(toX - wide, toY);
    brush.closePath();
    brush.fill();
  });
}

function drawCrowd(plate: Plate, chance: () => number): void {
  const { brush, width, height, palette } = plate;
  for (let row = 0; row < 3; row++) {
    const depth = row / 2;
    const base = height * (0.83 + 0.1 * depth);
    const size = 19 + 17 * depth;
    brush.fillStyle = rgba(
      mixColours(mixColours(palette.near, palette.sky[1], 0.25), palette.ink, 0.35 + 0.65 * depth),
    );
    for (let x = -20; x < width + 20; x += size * (1.5 + chance() * 0.5)) {
      const y = base + (chance() - 0.5) * size * 1.1;
      brush.fill(ellipse(x, y, size * 0.6, size * 0.74));
      brush.fill(ellipse(x, y + size * 1.75, size * 1.12, size * 1.15));
      if (chance() < 0.22) {
        brush.lineCap = 'round';
        brush.strokeStyle = brush.fillStyle;
        brush.lineWidth = size * 0.34;
        brush.beginPath();
        brush.moveTo(x + size * 0.75, y + size * 1.1);
        brush.quadraticCurveTo(x + size * 1.15, y, x + size * (0.6 + 0.5 * chance()), y - size * 1.6);
        brush.stroke();
      }
    }
    brush.fillRect(0, base + size * 1.4, width, height);
  }
  glow(brush, [plate.light[0], height * 0.8], width * 0.4, 60, palette.light, 0.14, 'screen');
}
