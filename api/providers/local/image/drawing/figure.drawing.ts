import { createCanvas, type Path2D } from '@napi-rs/canvas';
import { type Brush, curve, ellipse, glow, type Point, rgba, within } from '../../../../drawing/paint';
import { mixColours } from '../colour.rules';
import { bun, longHair, profile, shortHair, torso } from './figure.outlines';
import { guitarPaths, microphonePaths } from './instruments.drawing';
import { chanceOf, gradient, type Plate } from './plate';

/** Where a figure stands: `unit` is the height of its head; it looks to the right unless mirrored. */
type Standing = { x: number; y: number; unit: number; mirrored: boolean };

/** Fills what the paths cover in one silhouette, rounded by shade and rimmed by the light's side. */
function drawSilhouette(plate: Plate, standing: Standing, paths: readonly Path2D[], rim: number): void {
  const { brush, width, height, palette, light, scale } = plate;
  const sheet = createCanvas(Math.ceil(width * scale), Math.ceil(height * scale));
  const ink = sheet.getContext('2d');
  ink.scale(scale, scale);
  placeFigure(ink, standing);
  const lit = mixColours(palette.light, palette.sky[2], 0.25);
  ink.fillStyle = rgba(lit);
  for (const path of paths) ink.fill(path);
  ink.setTransform(scale, 0, 0, scale, 0, 0);
  // The dark body again, pushed away from the light: what is left of the first fill is the rim.
  const shade = createCanvas(sheet.width, sheet.height);
  const dark = shade.getContext('2d');
  dark.scale(scale, scale);
  const away = Math.sign(standing.x - light[0]) || 1;
  dark.translate(away * rim, rim * 0.55);
  placeFigure(dark, standing);
  dark.fillStyle = rgba(palette.ink);
  dark.strokeStyle = rgba(palette.ink);
  for (const path of paths) dark.fill(path);
  dark.setTransform(1, 0, 0, 1, 0, 0);
  ink.globalCompositeOperation = 'source-atop';
  ink.setTransform(1, 0, 0, 1, 0, 0);
  ink.filter = `blur(${rim * 0.62 * scale}px)`;
  ink.drawImage(shade, 0, 0);
  ink.drawImage(shade, 0, 0);
  ink.filter = 'none';
  ink.setTransform(scale, 0, 0, scale, 0, 0);
  const far = 6.2 * standing.unit;
  const warmth = ink.createRadialGradient(light[0], light[1], 0, light[0], light[1], far);
  warmth.addColorStop(0, rgba(mixColours(palette.near, palette.sky[1], 0.3), 0.34));
  warmth.addColorStop(1, rgba(palette.near, 0));
  ink.fillStyle = warmth;
  ink.fillRect(0, 0, width, height);
  brush.drawImage(sheet, 0, 0, sheet.width / scale, sheet.height / scale);
}

function placeFigure(brush: Brush, { x, y, unit, mirrored }: Standing): void {
  brush.translate(x, y);
  brush.scale(mirrored ? -unit : unit, unit);
}

const closed = (points: readonly Point[]) => {
  const path = curve(points, false);
  path.closePath();
  return path;
};

function headPaths(plate: Plate): Path2D[] {
  const chance = chanceOf(plate, 120);
  const style = plate.reading.longHair ? (chance() < 0.7 ? longHair : bun) : shortHair;
  return [closed([...profile, ...torso.slice(1)]), curve(style, true)];
}

/** The head and shoulders before the light. */
function drawBust(plate: Plate, unit: number, x: number, y: number, mirrored: boolean): void {
  const { brush, palette } = plate;
  // Light behind the head, wherever the sun stands, so that the profile reads.
  const centre: Point = [x + (mirrored ? -1 : 1) * unit * 0.5, y + unit * 0.6];
  glow(brush, centre, unit * 2, unit * 1.7, mixColours(palette.sky[2], palette.light, 0.5), 0.5, 'screen');
  const paths = headPaths(plate);
  if (plate.reading.microphone) paths.push(...microphonePaths());
  const standing = { x, y, unit, mirrored };
  within(brush, () => {
    drawSilhouette(plate, standing, paths, Math.max(3, unit * 0.02));
  });
}

/** A whole figure from behind or before, eight heads tall. */
function standingPaths(plate: Plate, part: number, guitar: boolean): Path2D[] {
  const chance = chanceOf(plate, part);
  const dress = plate.reading.longHair;
  const sway = (chance() - 0.5) * 0.16;
  const head = ellipse(0, 0.5, 0.36, 0.46);
  const hair = dress
    ? curve(
        [
          [0.36, 0.2],
          [0.16, -0.06],
          [-0.2, -0.04],
          [-0.42, 0.3],
          [-0.46, 0.9],
          [-0.58, 1.6],
          [-0.3, 1.72],
          [0.1, 1.7],
          [0.42, 1.62],
          [0.46, 0.9],
          [0.44, 0.4],
        ],
        true,
      )
    : curve(
        [
          [0.38, 0.36],
          [0.3, 0.06],
          [0, -0.04],
          [-0.32, 0.06],
          [-0.4, 0.4],
          [-0.36, 0.62],
          [0, 0.5],
          [0.36, 0.6],
        ],
        true,
      );
  const body = dress
    ? curve(
        [
          [-0.18, 0.9],
          [-0.22, 1.22],
          [-0.66, 1.46],
          [-0.74, 2.2],
          [-0.6, 2.9],
          [-0.56, 3.2],
          [-0.9, 4.6],
          [-1.25 + sway, 6.3],
          [-0.6, 6.52],
          [0.2, 6.44],
          [1.3 + sway, 6.26],
          [0.9, 4.6],
          [0.56, 3.2],
          [0.6, 2.9],
          [0.74, 2.2],
          [0.66, 1.46],
          [0.22, 1.22],
          [0.18, 0.9],
        ],
        true,
      )
    : curve(
        [
          [-0.2, 0.88],
          [-0.24, 1.2],
          [-0.78, 1.42],
          [-0.92, 1.9],
          [-0.98, 3.0],
          [-0.94, 4.0],
          [-0.72, 4.04],
          [-0.66, 4.4],
          [-0.2, 4.52],
          [0.3, 4.5],
          [0.7, 4.4],
          [0.74, 4.0],
          [0.96, 3.96],
          [0.98, 3.0],
          [0.92, 1.9],
          [0.78, 1.42],
          [0.24, 1.2],
          [0.2, 0.88],
        ],
        true,
      );
  const paths = [head, hair, body];
  for (const side of [-1, 1]) {
    const step = side * (dress ? 0.26 : 0.36) + sway;
    paths.push(
      curve(
        [
          [side * 0.06, dress ? 6 : 4.2],
          [side * 0.04 + step * 0.3, 6.2],
          [step - side * 0.2, 7.66],
          [step - side * 0.2, 7.96],
          [step + side * 0.36, 8.0],
          [step + side * 0.2, 7.6],
          [side * 0.5 + step * 0.3, 6.2],
          [side * 0.72, dress ? 6 : 4.2],
        ],
        true,
      ),
    );
  }
  if (guitar) paths.push(...guitarPaths());
  return paths;
}

function drawStanding(plate: Plate, part: number, unit: number, x: number, foot: number): void {
  const { brush, palette, light, reading } = plate;
  // Nobody walks on water: a flat rock stands out of it.
  if (reading.setting === 'sea') {
    brush.fillStyle = rgba(mixColours(palette.ink, palette.light, 0.3));
    brush.fill(ellipse(x, foot, unit * 2.9, unit * 0.42));
    brush.fillStyle = rgba(palette.ink);
    brush.fill(ellipse(x, foot + unit * 0.1, unit * 3, unit * 0.42));
  }
  const away = x - light[0];
  // A long shadow towards the viewer, away from the light.
  within(brush, () => {
    brush.filter = `blur(${Math.max(1, unit * 0.1) * plate.scale}px)`;
    brush.fillStyle = gradient(brush, [0, foot], [0, foot + unit * 3], [palette.ink, palette.ink]);
    brush.globalAlpha = 0.42;
    brush.beginPath();
    brush.moveTo(x - unit * 0.5, foot);
    brush.lineTo(x + unit * 0.5, foot);
    brush.lineTo(x + unit * 0.8 + away * 0.3, foot + unit * 3.4);
    brush.lineTo(x - unit * 0.8 + away * 0.3, foot + unit * 3.4);
    brush.fill();
  });
  const paths = standingPaths(plate, part, plate.reading.guitar);
  drawSilhouette(
    plate,
    { x, y: foot - unit * 8, unit, mirrored: part % 2 === 0 },
    paths,
    Math.max(1.2, unit * 0.05),
  );
}

/** The people of the scene, as large as the shot asks for; nothing when there are none. */
export function drawFigures(plate: Plate): void {
  const { width, height, horizon, light, reading } = plate;
  const chance = chanceOf(plate, 130);
  const tall = height > width;
  // On the side of the picture where the light is, so that it stands behind.
  const onLight = tall ? width * 0.5 : light[0];
  if (reading.framing === 'face') {
    const big = reading.namedShot === 'extreme-close-up' ? 1.55 : 1;
    const unit = (tall ? 430 : 500) * big;
    const mirrored = !tall && light[0] > width / 2;
    const x = onLight - (mirrored ? -1 : 1) * unit * 0.46;
    drawBust(plate, unit, x, height * (tall ? 0.2 : 0.17) - (big - 1) * 250, mirrored);
  } else if (reading.framing === 'bust') {
    const unit = tall ? 300 : 285;
    const mirrored = !tall && light[0] > width / 2;
    drawBust(
      plate,
      unit,
      onLight - (mirrored ? -1 : 1) * unit * 0.46,
      height * (tall ? 0.28 : 0.26),
      mirrored,
    );
  } else if (reading.framing === 'figure') {
    const unit = tall ? 64 : 62;
    const foot = Math.max(horizon + 190, height * (tall ? 0.7 : 0.76));
    const gap = unit * 2.6;
    for (let person = 0; person < reading.people; person++) {
      const aside = (person - (reading.people - 1) / 2) * gap;
      drawStanding(
        plate,
        131 + person,
        unit * (1 - 0.05 * person),
        onLight + aside + (chance() - 0.5) * 40,
        foot,
      );
    }
  } else if (reading.framing === 'small') {
    drawStanding(
      plate,
      131,
      19 + 6 * chance(),
      onLight + (chance() - 0.5) * 90,
      horizon + (height - horizon) * 0.36,
    );
  }
}
