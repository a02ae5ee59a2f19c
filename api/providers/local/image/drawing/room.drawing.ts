import { glow, type Rgb, rgba, within } from '../../../../drawing/paint';
import { clamp } from '../../../../shared/numbers';
import { mixColours } from '../colour.rules';
import { drawWeather } from './finish.drawing';
import { drawRidge } from './land.drawing';
import { chanceOf, gradient, type Plate } from './plate';
import { drawSky } from './sky.drawing';

/** A dark room with one large window; the sky outside falls in on the floor. */
export function drawRoom(plate: Plate): void {
  const { brush, width, height, horizon, palette, light, scale } = plate;
  const chance = chanceOf(plate, 100);
  const wall = mixColours(palette.near, palette.ink, 0.35);
  const wide = Math.min(width * 0.5, 620);
  const left = clamp(light[0] - wide / 2, width * 0.06, width * 0.94 - wide);
  const [top, bottom] = [height * 0.09, horizon + (height - horizon) * 0.18];
  const floor = horizon + (height - horizon) * 0.46;
  within(brush, () => {
    brush.beginPath();
    brush.rect(left, top, wide, bottom - top);
    brush.clip();
    drawSky({ ...plate, light: [left + wide * 0.62, top + (bottom - top) * 0.55], horizon: bottom });
    for (let row = 0; row < 2; row++) {
      drawRidge(plate, 101 + row, {
        base: bottom - 74 + 44 * row,
        rise: 34,
        hills: 3,
        octaves: 4,
        roughness: 0.55,
        sharp: false,
        colour: mixColours(palette.far, palette.near, 0.3 + 0.5 * row),
        mist: palette.sky[2],
      });
    }
    drawWeather(plate);
  });
  within(brush, () => {
    // The wall is everything but the window.
    brush.beginPath();
    brush.rect(0, 0, width, floor);
    brush.rect(left, top, wide, bottom - top);
    brush.fillStyle = gradient(
      brush,
      [left + wide / 2, 0],
      [left < width * 0.3 ? width : 0, 0],
      [mixColours(wall, palette.sky[2], 0.22), wall, palette.ink],
    );
    brush.fill('evenodd');
  });
  brush.fillStyle = gradient(
    brush,
    [0, floor],
    [0, height],
    [mixColours(wall, palette.ink, 0.3), palette.ink],
  );
  brush.fillRect(0, floor, width, height - floor);
  const bar = (x: number, y: number, w: number, h: number) => brush.fillRect(x, y, w, h);
  brush.fillStyle = rgba(palette.ink);
  for (let index = 0; index <= 3; index++) bar(left + (wide * index) / 3 - 4, top - 8, 8, bottom - top + 16);
  for (let index = 0; index <= 2; index++)
    bar(left - 8, top + ((bottom - top) * index) / 2 - 4, wide + 16, 8);
  bar(left - 34, bottom + 2, wide + 68, 14);
  const slant = (light[0] < width / 2 ? 1 : -1) * 170;
  for (let pane = 0; pane < 3; pane++) {
    const [a, b] = [left + (wide * pane) / 3 + 8, left + (wide * (pane + 1)) / 3 - 8];
    within(brush, () => {
      brush.filter = `blur(${7 * scale}px)`;
      brush.globalCompositeOperation = 'screen';
      const fade = brush.createLinearGradient(0, floor, 0, height);
      fade.addColorStop(0, rgba(palette.sky[2], 0.55));
      fade.addColorStop(1, rgba(palette.sky[2], 0.05));
      brush.fillStyle = fade;
      brush.beginPath();
      brush.moveTo(a + slant * 0.2, floor + 16);
      brush.lineTo(b + slant * 0.2, floor + 16);
      brush.lineTo(b + slant * 1.3, height);
      brush.lineTo(a + slant * 1.3, height);
      brush.fill();
    });
  }
  glow(brush, [left + wide / 2, (top + bottom) / 2], wide, 420, palette.sky[2], 0.26, 'screen');
  curtain(plate, left - 70, top - 40, 96, floor + 30, wall);
  curtain(plate, left + wide - 26, top - 40, 96, floor + 30, wall);
  plant(plate, left + wide + (left + wide < width * 0.8 ? 150 : -wide - 150), floor + 40, chance);
}

function curtain(plate: Plate, x: number, top: number, wide: number, foot: number, wall: Rgb): void {
  const { brush, palette } = plate;
  for (let fold = 0; fold < 6; fold++) {
    const [a, w] = [x + (wide * fold) / 6, wide / 6 + 1];
    const lit = mixColours(mixColours(wall, palette.sky[2], 0.3), palette.ink, 0.25);
    brush.fillStyle = gradient(brush, [a, 0], [a + w, 0], [lit, palette.ink]);
    brush.fillRect(a, top, w, foot - top);
  }
}

function plant(plate: Plate, x: number, foot: number, chance: () => number): void {
  const { brush, palette } = plate;
  brush.fillStyle = rgba(palette.ink);
  brush.strokeStyle = rgba(palette.ink);
  brush.fillRect(x - 30, foot - 74, 60, 74);
  for (let leaf = 0; leaf < 15; leaf++) {
    const angle = -Math.PI / 2 + (leaf / 14 - 0.5) * 2.5;
    const long = 120 + 130 * chance();
    const [tipX, tipY] = [x + Math.cos(angle) * long, foot - 80 + Math.sin(angle) * long];
    const [bendX, bendY] = [x + Math.cos(angle) * long * 0.4, foot - 80 + Math.sin(angle) * long * 0.9 - 20];
    brush.beginPath();
    brush.moveTo(x, foot - 70);
    brush.quadraticCurveTo(bendX - 12, bendY, tipX, tipY);
    brush.quadraticCurveTo(bendX + 12, bendY + 14, x, foot - 70);
    brush.fill();
  }
}
