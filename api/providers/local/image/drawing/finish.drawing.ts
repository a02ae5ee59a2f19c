import { createCanvas } from '@napi-rs/canvas';
import { glow, rgba, seeded, within } from '../../../../drawing/paint';
import { mixColours } from '../colour.rules';
import { chanceOf, type Plate } from './plate';

/** Rain, snow or banks of fog over everything. */
export function drawWeather(plate: Plate): void {
  const { brush, width, height, palette, reading, horizon } = plate;
  const chance = chanceOf(plate, 140);
  if (reading.weather === 'rain') {
    const slant = (chance() - 0.5) * 0.3;
    brush.lineCap = 'round';
    for (let drop = 0; drop < Math.round(width * 0.34); drop++) {
      const near = chance() ** 2.4;
      const [x, y, long] = [chance() * width * 1.1, chance() * height, 16 + 80 * near];
      brush.strokeStyle = rgba(mixColours(palette.paper, palette.sky[2], 0.3), 0.1 + 0.3 * near);
      brush.lineWidth = 0.8 + 1.6 * near;
      brush.beginPath();
      brush.moveTo(x, y);
      brush.lineTo(x + long * slant, y + long);
      brush.stroke();
    }
  }
  if (reading.weather === 'snow') {
    for (let flake = 0; flake < Math.round(width * 0.3); flake++) {
      const near = chance() ** 3;
      const size = 1.1 + 8 * near;
      glow(
        brush,
        [chance() * width, chance() * height],
        size * 1.5,
        size * 1.5,
        [255, 255, 255],
        0.6 + 0.35 * chance(),
      );
    }
  }
  if (reading.weather === 'fog') {
    for (let bank = 0; bank < 7; bank++) {
      const y = horizon + (height - horizon) * (chance() * 1.1 - 0.25);
      const air = mixColours(palette.sky[2], palette.paper, 0.3);
      glow(brush, [chance() * width, y], width * (0.4 + 0.4 * chance()), 50 + 80 * chance(), air, 0.3);
    }
  }
}

/** Corners a little darker, and the light of the picture over its edges: what a lens does. */
export function drawLens(plate: Plate): void {
  const { brush, width, height, palette, light } = plate;
  glow(
    brush,
    light,
    Math.max(width, height) * 0.6,
    Math.max(width, height) * 0.5,
    palette.light,
    0.12,
    'screen',
  );
  within(brush, () => {
    const far = Math.hypot(width, height) / 2;
    const fade = brush.createRadialGradient(
      width / 2,
      height / 2,
      far * 0.45,
      width / 2,
      height / 2,
      far * 1.06,
    );
    fade.addColorStop(0, rgba(palette.ink, 0));
    fade.addColorStop(1, rgba(palette.ink, 0.55));
    brush.fillStyle = fade;
    brush.fillRect(0, 0, width, height);
  });
}

/** Side of the square of grain that is laid over the picture again and again. */
const GRAIN_TILE = 256;

/**
 * Fine grain: it makes flat gradients look like print and keeps them from showing bands. Laid as
 * `overlay` grey noise of ±13 of 255 at 60 %: visible at full size only.
 */
export function drawGrain(plate: Plate): void {
  const { brush, width, height, scale, reading } = plate;
  const tile = createCanvas(GRAIN_TILE, GRAIN_TILE);
  const context = tile.getContext('2d');
  const pixels = context.createImageData(GRAIN_TILE, GRAIN_TILE);
  const chance = seeded(reading.seed ^ 0x9a1);
  for (let index = 0; index < pixels.data.length; index += 4) {
    // The sum of two is closer to film's bell than one alone.
    const value = 128 + Math.round((chance() + chance() - 1) * 26);
    pixels.data.set([value, value, value, 255], index);
  }
  context.putImageData(pixels, 0, 0);
  within(brush, () => {
    brush.setTransform(1, 0, 0, 1, 0, 0);
    brush.globalCompositeOperation = 'overlay';
    brush.globalAlpha = 0.6;
    for (let y = 0; y < height * scale; y += GRAIN_TILE) {
      for (let x = 0; x < width * scale; x += GRAIN_TILE) brush.drawImage(tile, x, y);
    }
  });
}
