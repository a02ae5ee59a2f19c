import { ellipse, glow, rgba, soft, within } from '../../../../drawing/paint';
import { mixColours } from '../colour.rules';
import { drawRidge } from './land.drawing';
import { chanceOf, gradient, type Plate } from './plate';
import { drawStars } from './sky.drawing';

/** A great planet over a sea of cloud. */
export function drawSpace(plate: Plate): void {
  const { brush, width, height, horizon, palette, light, scale } = plate;
  const chance = chanceOf(plate, 110);
  brush.fillStyle = gradient(brush, [0, 0], [0, height], [palette.ink, palette.sky[0], palette.sky[1]]);
  brush.fillRect(0, 0, width, height);
  for (let index = 0; index < 6; index++) {
    const colour = mixColours(palette.sky[1], index % 2 ? palette.accent : palette.sky[2], 0.6);
    glow(
      brush,
      [chance() * width, chance() * height],
      260 + 300 * chance(),
      160 + 200 * chance(),
      colour,
      0.3,
      'screen',
    );
  }
  drawStars(plate, height * 1.1);
  const radius = 210 + 110 * chance();
  const [x, y] = [light[0], horizon * 0.62];
  glow(brush, [x, y], radius * 1.9, radius * 1.9, palette.sky[2], 0.55, 'screen');
  const rings = (above: boolean) =>
    within(brush, () => {
      brush.translate(x, y);
      brush.rotate(-0.32);
      brush.beginPath();
      brush.rect(-width, above ? -height : 0, width * 2, height);
      brush.clip();
      for (let ring = 0; ring < 6; ring++) {
        brush.strokeStyle = rgba(mixColours(palette.light, palette.accent, ring / 6), 0.62 - ring * 0.08);
        brush.lineWidth = 9 - ring * 1.2;
        brush.stroke(ellipse(0, 0, radius * (1.42 + ring * 0.075), radius * (0.3 + ring * 0.022)));
      }
    });
  // The far half passes behind the planet.
  rings(true);
  const disc = ellipse(x, y, radius, radius);
  within(brush, () => {
    brush.clip(disc);
    brush.fillStyle = gradient(
      brush,
      [x - radius, y - radius],
      [x + radius, y + radius],
      [palette.light, palette.sky[2], palette.sky[1]],
    );
    brush.fill(disc);
    for (let band = 0; band < 9; band++) {
      const at = y - radius + (2 * radius * (band + chance())) / 9;
      const tone = chance() < 0.5 ? palette.light : palette.sky[1];
      glow(brush, [x, at], radius * 1.6, 18 + 24 * chance(), tone, 0.4);
    }
    soft(
      brush,
      ellipse(x + radius * 0.52, y + radius * 0.42, radius * 1.06, radius * 1.06),
      rgba(palette.ink, 0.82),
      46 * scale,
      'multiply',
    );
  });
  rings(false);
  for (let row = 0; row < 3; row++) {
    drawRidge(plate, 111 + row, {
      base: height * (0.76 + 0.09 * row),
      rise: 30,
      hills: 3.2,
      octaves: 4,
      roughness: 0.55,
      sharp: false,
      colour: mixColours(palette.sky[1], palette.ink, 0.3 + 0.35 * row),
      mist: mixColours(palette.sky[2], palette.ink, 0.3 + 0.3 * row),
    });
  }
}
