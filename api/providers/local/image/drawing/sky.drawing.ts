import { ellipse, glow, type Point, rgba, within } from '../../../../drawing/paint';
import { lightnessOf, mixColours } from '../colour.rules';
import { chanceOf, gradient, type Plate } from './plate';

/** The sky with its stars, the sun or moon, its glow and a few long clouds. */
export function drawSky(plate: Plate): void {
  const { brush, width, height, horizon, palette, reading } = plate;
  brush.fillStyle = gradient(brush, [0, 0], [0, horizon * 1.04], palette.sky, [0, 0.58, 1]);
  brush.fillRect(0, 0, width, height);
  const isDark = lightnessOf(palette.sky[0]) < 0.36;
  if (isDark && reading.weather === 'clear') drawStars(plate);
  if (reading.weather === 'clear' || reading.time !== 'day') drawDisc(plate);
  drawClouds(plate);
}

export function drawStars(plate: Plate, down = plate.horizon * 0.86): void {
  const { brush, width, palette } = plate;
  const chance = chanceOf(plate, 1);
  const count = Math.round((width * down) / 5200);
  for (let index = 0; index < count; index++) {
    const y = down * chance() ** 1.35;
    const size = 0.7 + 1.5 * chance() ** 5;
    brush.fillStyle = rgba(palette.paper, (0.25 + 0.65 * chance()) * (1 - y / (down * 1.15)));
    brush.fill(ellipse(chance() * width, y, size, size));
  }
}

function drawDisc(plate: Plate): void {
  const { brush, light, palette, reading, horizon } = plate;
  const chance = chanceOf(plate, 2);
  const low = reading.time === 'sunrise' || reading.time === 'sunset' || reading.time === 'neon';
  const radius = low ? 118 + 92 * chance() : reading.time === 'day' ? 52 + 20 * chance() : 58 + 52 * chance();
  const halo = low ? 5.2 : 4.4;
  glow(brush, light, radius * halo, radius * halo * 0.9, palette.light, low ? 0.5 : 0.32, 'screen');
  glow(brush, light, radius * 2, radius * 2, palette.light, 0.45, 'screen');
  const faded = reading.weather === 'clear' ? 1 : 0.35;
  within(brush, () => {
    brush.globalAlpha = faded;
    const [x, y] = light;
    const rim = mixColours(palette.light, palette.sky[2], low ? 0.62 : 0.25);
    brush.fillStyle = gradient(
      brush,
      [x, y - radius],
      [x, y + radius],
      [palette.light, palette.light, rim],
      [0, 0.35, 1],
    );
    const disc = ellipse(x, y, radius, radius);
    if (reading.time === 'neon') {
      // The sun of the eighties: bars that widen towards the horizon are left open.
      brush.save();
      brush.beginPath();
      let top = y - radius;
      for (let bar = 0; top < y + radius; bar++) {
        const open = bar < 3 ? 0 : 3 + 1.7 * (bar - 3);
        brush.rect(x - radius, top, radius * 2, 30 - open);
        top += 30;
      }
      brush.clip();
      brush.fill(disc);
      brush.restore();
      return;
    }
    brush.fill(disc);
    if (reading.time === 'night') drawMoonSeas(plate, radius, chance);
  });
  if (low && y1(light, radius) > horizon - 6)
    glow(brush, [light[0], horizon], radius * 4.4, 70, palette.light, 0.35, 'screen');
}

const y1 = (light: readonly [number, number], radius: number) => light[1] + radius;

function drawMoonSeas(plate: Plate, radius: number, chance: () => number): void {
  const { brush, light, palette } = plate;
  within(brush, () => {
    brush.clip(ellipse(light[0], light[1], radius, radius));
    for (let index = 0; index < 9; index++) {
      const angle = chance() * 2 * Math.PI;
      const far = radius * 0.8 * chance() ** 0.5;
      const size = radius * (0.08 + 0.2 * chance());
      const at: Point = [light[0] + Math.cos(angle) * far, light[1] + Math.sin(angle) * far];
      glow(brush, at, size * 1.4, size * 1.2, palette.far, 0.4);
    }
  });
}

/** Long lenses of cloud, lit from the side of the light, thicker towards the horizon. */
function drawClouds(plate: Plate): void {
  const { brush, width, horizon, palette, reading, light } = plate;
  const chance = chanceOf(plate, 3);
  const heavy = reading.weather === 'rain' || reading.weather === 'snow';
  const count = Math.round((heavy ? 15 : 5 + 6 * chance()) * Math.max(1, width / 1400));
  for (let index = 0; index < count; index++) {
    const depth = chance();
    const y = horizon * (heavy ? 0.04 + 0.66 * depth : 0.16 + 0.72 * depth);
    const long = (heavy ? 240 : 120) + 320 * chance();
    const thick = (heavy ? 20 : 5) + (heavy ? 34 : 9) * chance();
    const x = chance() * width;
    const near = Math.max(0, 1 - Math.abs(x - light[0]) / (width * 0.5));
    const shade = mixColours(
      palette.sky[1],
      heavy ? palette.near : palette.light,
      heavy ? 0.4 : 0.25 + 0.5 * near,
    );
    const alpha = (heavy ? 0.3 : 0.22) + 0.25 * chance();
    for (let puff = 0; puff < 3; puff++) {
      const share = 1 - puff * 0.26;
      const at: Point = [x + (chance() - 0.5) * long * 0.8, y - puff * thick * 0.6];
      glow(brush, at, long * share * 1.25, thick * share * 1.7, shade, alpha);
    }
  }
}
