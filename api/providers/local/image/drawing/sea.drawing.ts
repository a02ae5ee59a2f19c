import { ellipse, glow, rgba } from '../../../../drawing/paint';
import { clamp } from '../../../../shared/numbers';
import { mixColours } from '../colour.rules';
import { drawRidge } from './land.drawing';
import { chanceOf, gradient, type Plate } from './plate';

/** Water to the horizon with the light's path on it; a shore or rocks before it. */
export function drawSea(plate: Plate): void {
  const { brush, width, height, horizon, palette, light } = plate;
  const chance = chanceOf(plate, 70);
  if (chance() < 0.6) {
    drawRidge(plate, 71, {
      base: horizon + 8,
      rise: 38,
      hills: 1.7,
      octaves: 4,
      roughness: 0.5,
      sharp: false,
      colour: mixColours(palette.far, palette.sky[2], 0.2),
      mist: palette.sky[2],
    });
  }
  brush.fillStyle = gradient(
    brush,
    [0, horizon],
    [0, height],
    [
      mixColours(palette.sky[2], palette.far, 0.45),
      mixColours(palette.far, palette.near, 0.5),
      mixColours(palette.near, palette.ink, 0.6),
    ],
    [0, 0.3, 1],
  );
  brush.fillRect(0, horizon, width, height - horizon);
  glow(brush, [light[0], horizon + 20], 420, 300, palette.light, 0.42, 'screen');
  // Waves: lenses that grow and darken towards the viewer; under the light they shine.
  for (let index = 0; index < 520; index++) {
    const share = chance() ** 1.6;
    const y = horizon + 3 + (height - horizon) * share;
    const x = chance() * width;
    const long = 10 + 130 * share * (0.4 + chance());
    const thick = 0.8 + 3.6 * share;
    const near = Math.abs(x - light[0]) / (30 + 250 * share);
    const shine = clamp(1.15 - near) * (0.5 + 0.5 * chance());
    const colour = shine > 0.25 ? palette.light : chance() < 0.5 ? palette.ink : palette.sky[2];
    brush.fillStyle = rgba(colour, shine > 0.25 ? 0.25 + 0.6 * shine : 0.1 + 0.1 * chance());
    brush.fill(ellipse(x, y, long * 0.5, thick));
  }
  for (let row = 0; row < 26; row++) {
    const share = (row / 26) ** 1.5;
    const y = horizon + 3 + (height - horizon) * 0.8 * share;
    const long = (16 + 150 * share) * (0.5 + chance());
    brush.fillStyle = rgba(palette.light, 0.75 * (1 - share * 0.7));
    brush.fill(ellipse(light[0] + (chance() - 0.5) * 60 * share, y, long, 1 + 3.4 * share));
  }
  drawRidge(plate, 72, {
    base: height * 0.93,
    rise: 34,
    hills: 1.1,
    octaves: 4,
    roughness: 0.5,
    sharp: false,
    colour: palette.ink,
    mist: palette.ink,
  });
}
