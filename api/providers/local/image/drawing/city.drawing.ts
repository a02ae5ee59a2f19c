import { glow, type Rgb, rgba } from '../../../../drawing/paint';
import { clamp } from '../../../../shared/numbers';
import { mixColours } from '../colour.rules';
import { chanceOf, gradient, type Plate } from './plate';

/** Three rows of houses in the air, lit windows, and a street that shines when it is wet. */
export function drawCity(plate: Plate): void {
  const { brush, width, height, horizon, palette, reading } = plate;
  const chance = chanceOf(plate, 80);
  const street = horizon + (height - horizon) * 0.42;
  const awake = reading.time === 'night' || reading.time === 'neon' || reading.time === 'dusk';
  for (let row = 0; row < 3; row++) {
    const depth = row / 2;
    const colour = mixColours(palette.far, palette.ink, 0.12 + 0.8 * depth);
    let x = -40 * chance();
    while (x < width) {
      const wide = 54 + 76 * chance() + 70 * depth * chance();
      // Lower towards the light, so that the sky opens there.
      const open = clamp(Math.abs(x + wide / 2 - plate.light[0]) / (width * 0.36));
      const tall = (130 + 330 * chance() ** 1.4) * (0.42 + 0.58 * open) * (1.12 - 0.18 * depth);
      const top = street - tall - 40 + 40 * depth;
      house(plate, { x, top, wide, foot: street + 20 }, colour, depth, chance);
      if (awake || depth > 0.6)
        windows(plate, { x, top, wide, foot: street }, depth, chance, awake ? 0.4 : 0.12);
      x += wide + (chance() < 0.2 ? 16 * chance() : -3);
    }
    glow(
      brush,
      [plate.light[0], street],
      width * 0.6,
      150,
      mixColours(palette.sky[2], palette.light, 0.3),
      0.26 * (1 - depth),
      'screen',
    );
  }
  brush.fillStyle = gradient(
    brush,
    [0, street],
    [0, height],
    [mixColours(palette.near, palette.ink, 0.35), palette.ink],
  );
  brush.fillRect(0, street, width, height - street);
  const wet = reading.weather === 'rain' ? 1 : awake ? 0.5 : 0.22;
  for (let index = 0; index < 60; index++) {
    const x = chance() * width;
    const lamp = chance() < 0.3 ? palette.accent : chance() < 0.5 ? palette.light : palette.sky[2];
    const long = (40 + 190 * chance()) * (0.5 + wet * 0.5);
    glow(
      brush,
      [x, street + long * 0.6 + 6],
      9 + 17 * chance(),
      long * 1.2,
      lamp,
      0.42 * wet * chance(),
      'screen',
    );
  }
  glow(brush, [plate.light[0], street + 8], 300, 240, palette.light, 0.3 * wet, 'screen');
}

type Lot = { x: number; top: number; wide: number; foot: number };

function house(plate: Plate, lot: Lot, colour: Rgb, depth: number, chance: () => number): void {
  const { brush, palette } = plate;
  brush.fillStyle = gradient(
    brush,
    [0, lot.top],
    [0, lot.foot],
    [colour, mixColours(colour, palette.sky[2], 0.3 * (1 - depth))],
  );
  brush.fillRect(lot.x, lot.top, lot.wide, lot.foot - lot.top);
  const crown = chance();
  if (crown < 0.25) brush.fillRect(lot.x + lot.wide * 0.2, lot.top - 26, lot.wide * 0.6, 28);
  if (crown > 0.78) {
    brush.fillRect(lot.x + lot.wide * 0.48, lot.top - 74, 2.6, 76);
    brush.fillRect(lot.x + lot.wide * 0.34, lot.top - 16, lot.wide * 0.32, 18);
  }
  if (crown > 0.4 && crown < 0.5) {
    // A water tank on its legs.
    const [x, y] = [lot.x + lot.wide * 0.3, lot.top - 34];
    brush.fillRect(x, y, 26, 22);
    brush.beginPath();
    brush.moveTo(x - 3, y);
    brush.lineTo(x + 13, y - 13);
    brush.lineTo(x + 29, y);
    brush.fill();
    brush.fillRect(x + 2, y + 20, 3, 16);
    brush.fillRect(x + 21, y + 20, 3, 16);
  }
}

function windows(plate: Plate, lot: Lot, depth: number, chance: () => number, lit: number): void {
  const { brush, palette } = plate;
  const [stepX, stepY] = [13 + 3 * depth, 19 + 4 * depth];
  const [wide, tall] = [5 + 2 * depth, 8 + 2 * depth];
  const share = lit * (0.2 + 0.9 * chance());
  for (let y = lot.top + 15; y < lot.foot - 34; y += stepY) {
    for (let x = lot.x + 9; x < lot.x + lot.wide - 9; x += stepX) {
      if (chance() > share) continue;
      const lamp = mixColours(palette.accent, palette.light, chance());
      brush.fillStyle = rgba(lamp, (0.35 + 0.6 * chance()) * (0.45 + 0.55 * depth));
      brush.fillRect(x, y, wide, tall);
    }
  }
}
