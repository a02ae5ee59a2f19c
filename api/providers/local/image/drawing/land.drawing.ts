import { Path2D } from '@napi-rs/canvas';
import { type Brush, curve, ellipse, glow, type Rgb, rgba, soft, within } from '../../../../drawing/paint';
import { mixColours } from '../colour.rules';
import { chanceOf, gradient, type Plate, ridgeNoise } from './plate';

type Ridge = {
  /** Where it stands on average, in units from the top. */
  base: number;
  rise: number;
  /** Hills over the width: more is rougher. */
  hills: number;
  octaves: number;
  roughness: number;
  sharp: boolean;
  colour: Rgb;
  /** The air at its foot. */
  mist: Rgb;
};

/** One range from side to side, fading into the air at its foot. */
export function drawRidge(plate: Plate, part: number, ridge: Ridge): (x: number) => number {
  const { brush, width, height } = plate;
  const noise = ridgeNoise(chanceOf(plate, part), ridge.octaves, ridge.roughness);
  const top = (x: number) => {
    const value = noise((x / 1000) * ridge.hills);
    const shaped = ridge.sharp ? 1 - Math.abs(value) * 2.2 : value;
    return ridge.base - ridge.rise * shaped;
  };
  brush.beginPath();
  brush.moveTo(-10, height + 10);
  for (let x = -10; x <= width + 10; x += 4) brush.lineTo(x, top(x));
  brush.lineTo(width + 10, height + 10);
  brush.closePath();
  const foot = ridge.base + ridge.rise * 1.3 + 60;
  brush.fillStyle = gradient(
    brush,
    [0, ridge.base - ridge.rise],
    [0, foot],
    [ridge.colour, mixColours(ridge.colour, ridge.mist, 0.55)],
  );
  brush.fill();
  return top;
}

/** Mountains, or soft hills, in the colours of the air between far and near. */
export function drawMountains(plate: Plate): void {
  const { height, horizon, palette, reading } = plate;
  const chance = chanceOf(plate, 20);
  const soaring = reading.setting === 'mountains';
  const count = soaring ? 5 : 4;
  for (let index = 0; index < count; index++) {
    const depth = index / (count - 1);
    const base = horizon - (soaring ? 30 : 0) + (height - horizon) * depth ** 1.15 * 0.74;
    drawRidge(plate, 21 + index, {
      base,
      rise: soaring ? 190 - 80 * depth + 60 * chance() : 50 - 10 * depth,
      hills: soaring ? 1.7 + 1.6 * depth : 1.3 + 0.8 * depth,
      octaves: soaring ? 5 : 3,
      roughness: soaring ? 0.44 : 0.4,
      sharp: soaring && depth < 0.8,
      colour: mixColours(palette.far, palette.ink, depth ** 0.85),
      mist: mixColours(palette.sky[2], palette.near, depth),
    });
    if (depth < 0.9) drawAir(plate, base + 70, 0.16 * (1 - depth));
  }
}

/** A bank of air lying across the picture. */
export function drawAir(plate: Plate, y: number, alpha: number): void {
  const { brush, width, palette, light } = plate;
  glow(
    brush,
    [light[0], y],
    width * 0.8,
    90,
    mixColours(palette.sky[2], palette.light, 0.3),
    alpha,
    'screen',
  );
}

/** Dunes: each crest parts a lit side from a shaded one. */
export function drawDesert(plate: Plate): void {
  const { brush, width, height, horizon, palette, light, scale } = plate;
  const chance = chanceOf(plate, 30);
  drawRidge(plate, 31, {
    base: horizon + 6,
    rise: 34,
    hills: 2,
    octaves: 3,
    roughness: 0.45,
    sharp: false,
    colour: mixColours(palette.far, palette.sky[2], 0.25),
    mist: palette.sky[2],
  });
  const sand = mixColours(palette.sky[2], palette.accent, 0.35);
  for (let index = 0; index < 5; index++) {
    const depth = index / 4;
    const base = horizon + 26 + (height - horizon) * depth ** 1.3 * 0.8;
    const peak = width * (0.1 + 0.8 * chance());
    const rise = 46 + 90 * depth * (0.6 + 0.4 * chance());
    // The shaded side falls away from the light in a long curve.
    const lean = (light[0] < peak ? 1 : -1) * (220 + 320 * chance());
    const crest: [number, number][] = [
      [-60, base + 30 + 50 * chance()],
      [peak * 0.45, base - rise * 0.25],
      [peak, base - rise],
      [peak + (width - peak) * 0.5, base - rise * 0.15],
      [width + 60, base + 40 * chance()],
    ];
    const lit = mixColours(mixColours(sand, palette.light, 0.25 * (1 - depth)), palette.near, depth * 0.62);
    const shaded = mixColours(mixColours(sand, palette.near, 0.6), palette.ink, depth * 0.72);
    const body = curve(crest);
    body.lineTo(width + 60, height + 60);
    body.lineTo(-60, height + 60);
    body.closePath();
    brush.fillStyle = gradient(
      brush,
      [0, base - rise],
      [0, base + 260],
      [lit, mixColours(lit, shaded, 0.75)],
    );
    brush.fill(body);
    within(brush, () => {
      brush.clip(body);
      const side = curve([
        [peak, base - rise - 2],
        [peak + lean * 0.1, base - rise * 0.5],
        [peak + lean * 0.62, base + 40],
        [peak + lean * 0.5, base + 190],
        [peak + lean * 1.2, height + 60],
      ]);
      const far = lean > 0 ? width + 900 : -900;
      side.lineTo(far, height + 60);
      side.lineTo(far, base - rise - 300);
      side.closePath();
      soft(brush, side, rgba(shaded, 0.8), 2.2 * scale);
    });
  }
}

/** Low hills, and before them grasses and flowers against the light. */
export function drawField(plate: Plate): void {
  const { brush, width, height, palette } = plate;
  drawMountains(plate);
  const chance = chanceOf(plate, 40);
  const blades = Math.round(width * 0.5);
  for (let row = 0; row < 3; row++) {
    const depth = row / 2;
    const foot = height * (0.9 + 0.07 * depth);
    const colour = mixColours(palette.near, palette.ink, 0.35 + 0.65 * depth);
    brush.strokeStyle = rgba(colour);
    brush.lineCap = 'round';
    for (let index = 0; index < blades; index++) {
      const x = chance() * (width + 40) - 20;
      const tall = (26 + 74 * chance() ** 2) * (0.6 + 0.6 * depth);
      const lean = (chance() - 0.42) * tall * 0.7;
      brush.lineWidth = 1.2 + 1.6 * depth * chance();
      brush.beginPath();
      brush.moveTo(x, foot + 40);
      brush.quadraticCurveTo(x + lean * 0.2, foot - tall * 0.4, x + lean, foot - tall);
      brush.stroke();
      if (index % 9 === row)
        flower(
          brush,
          x + lean,
          foot - tall,
          2.4 + 3.4 * depth * chance(),
          mixColours(palette.accent, palette.light, 0.6 * chance()),
        );
    }
    brush.fillStyle = rgba(colour);
    brush.fillRect(0, foot + 20, width, height);
  }
}

function flower(brush: Brush, x: number, y: number, size: number, colour: Rgb): void {
  brush.fillStyle = rgba(colour, 0.92);
  brush.fill(ellipse(x, y, size, size * 0.8));
}

/** Trunks in four depths of mist, with light falling between them. */
export function drawForest(plate: Plate): void {
  const { brush, width, height, horizon, palette, light, scale } = plate;
  brush.fillStyle = gradient(
    brush,
    [0, 0],
    [0, height],
    [
      mixColours(palette.sky[1], palette.near, 0.25),
      palette.sky[2],
      mixColours(palette.far, palette.near, 0.6),
    ],
    [0, 0.52, 1],
  );
  brush.fillRect(0, 0, width, height);
  glow(brush, [light[0], horizon * 0.7], 620, 560, palette.light, 0.75, 'screen');
  const chance = chanceOf(plate, 50);
  for (let row = 0; row < 4; row++) {
    const depth = row / 3;
    const colour = mixColours(mixColours(palette.far, palette.sky[2], 0.35), palette.ink, depth ** 0.8);
    const ground = horizon + (height - horizon) * (0.06 + 0.72 * depth ** 1.2);
    const spacing = 44 + 150 * depth;
    for (let x = -40 + spacing * chance(); x < width + 40; x += spacing * (0.5 + chance())) {
      // Room for the light and whoever stands in it.
      if (depth > 0.5 && Math.abs(x - light[0]) < 150) continue;
      trunk(
        brush,
        x,
        ground + 20 * chance(),
        (7 + 30 * depth ** 1.6) * (0.7 + 0.6 * chance()),
        colour,
        chance,
      );
    }
    brush.fillStyle = rgba(colour);
    drawRidge(plate, 51 + row, {
      base: ground + 24,
      rise: 16,
      hills: 4,
      octaves: 4,
      roughness: 0.6,
      sharp: false,
      colour,
      mist: mixColours(palette.near, palette.ink, depth),
    });
    if (depth < 0.9) {
      for (let shaft = 0; shaft < 3; shaft++) lightShaft(plate, chance, scale);
      drawAir(plate, ground, 0.2 * (1 - depth));
    }
  }
}

function trunk(
  brush: Brush,
  x: number,
  foot: number,
  width: number,
  colour: Rgb,
  chance: () => number,
): void {
  const lean = (chance() - 0.5) * width * 1.4;
  brush.fillStyle = rgba(colour);
  brush.beginPath();
  brush.moveTo(x - width * 0.85, foot + 20);
  brush.quadraticCurveTo(x - width * 0.45, foot - 60, x - width * 0.4 + lean, -20);
  brush.lineTo(x + width * 0.4 + lean, -20);
  brush.quadraticCurveTo(x + width * 0.45, foot - 60, x + width * 0.85, foot + 20);
  brush.closePath();
  brush.fill();
  const branches = 2 + Math.floor(chance() * 3);
  brush.strokeStyle = rgba(colour);
  brush.lineCap = 'round';
  for (let index = 0; index < branches; index++) {
    const y = foot * (0.1 + 0.55 * chance());
    const side = chance() < 0.5 ? -1 : 1;
    const long = width * (2 + 4 * chance());
    brush.lineWidth = width * (0.1 + 0.14 * chance());
    brush.beginPath();
    brush.moveTo(x + lean * (1 - y / foot), y + long * 0.3);
    brush.quadraticCurveTo(x + side * long * 0.5, y, x + side * long, y - long * (0.2 + 0.5 * chance()));
    brush.stroke();
  }
}

function lightShaft(plate: Plate, chance: () => number, scale: number): void {
  const { brush, height, light, palette } = plate;
  const angle = (chance() - 0.5) * 1.1;
  const wide = 16 + 44 * chance();
  const reach = height * 1.1;
  within(brush, () => {
    brush.translate(light[0], -60);
    brush.rotate(angle);
    brush.filter = `blur(${9 * scale}px)`;
    brush.globalCompositeOperation = 'screen';
    brush.fillStyle = gradientFade(brush, reach, palette.light);
    brush.beginPath();
    brush.moveTo(-wide * 0.35, 0);
    brush.lineTo(wide * 0.35, 0);
    brush.lineTo(wide * 1.5, reach);
    brush.lineTo(-wide * 1.5, reach);
    brush.closePath();
    brush.fill();
  });
}

function gradientFade(brush: Brush, reach: number, colour: Rgb) {
  const fade = brush.createLinearGradient(0, 0, 0, reach);
  fade.addColorStop(0, rgba(colour, 0.2));
  fade.addColorStop(0.6, rgba(colour, 0.09));
  fade.addColorStop(1, rgba(colour, 0));
  return fade;
}

/** A road that runs to the horizon under the light. */
export function drawRoad(plate: Plate): void {
  const { brush, width, height, horizon, palette, light, reading } = plate;
  const chance = chanceOf(plate, 60);
  for (let index = 0; index < 2; index++) {
    drawRidge(plate, 61 + index, {
      base: horizon - 12 + 14 * index,
      rise: 70 - 34 * index,
      hills: 2.4,
      octaves: 4,
      roughness: 0.5,
      sharp: index === 0,
      mist: palette.sky[2],
      colour: mixColours(palette.far, palette.near, 0.1 + 0.5 * index),
    });
  }
  brush.fillStyle = gradient(
    brush,
    [0, horizon],
    [0, height],
    [mixColours(palette.far, palette.near, 0.55), mixColours(palette.near, palette.ink, 0.55), palette.ink],
  );
  brush.fillRect(0, horizon + 2, width, height);
  const vanish = light[0];
  const bend = (chance() - 0.5) * width * 0.3;
  const centre = (share: number) =>
    vanish + (width * 0.5 - vanish) * share + bend * share * (1 - share) ** 2 * 2.4;
  const half = (share: number) => 2 + 520 * share;
  const yOf = (share: number) => horizon + (height - horizon) * share;
  const side = (sign: number, factor: number) =>
    Array.from({ length: 21 }, (_, index): [number, number] => {
      const share = index / 20;
      return [centre(share) + sign * half(share) * factor, yOf(share)];
    });
  const strip = (left: number, right: number) => {
    const path = new Path2D();
    for (const point of [...side(left, 1), ...side(right, 1).reverse()]) path.lineTo(...point);
    path.closePath();
    return path;
  };
  const asphalt = strip(-1, 1);
  brush.fillStyle = gradient(
    brush,
    [0, horizon],
    [0, height],
    [
      mixColours(palette.sky[2], palette.near, 0.25),
      mixColours(palette.far, palette.near, 0.65),
      mixColours(palette.near, palette.ink, 0.45),
    ],
    [0, 0.3, 1],
  );
  brush.fill(asphalt);
  within(brush, () => {
    brush.clip(asphalt);
    glow(brush, [vanish, horizon], 260, 420, palette.light, reading.weather === 'rain' ? 0.7 : 0.4, 'screen');
  });
  brush.fillStyle = rgba(mixColours(palette.paper, palette.accent, 0.35), 0.86);
  for (const [start, end] of dashes()) {
    brush.beginPath();
    const [a, b] = [half(start) * 0.016 + 0.2, half(end) * 0.016 + 0.2];
    brush.moveTo(centre(start) - a, yOf(start));
    brush.lineTo(centre(start) + a, yOf(start));
    brush.lineTo(centre(end) + b, yOf(end));
    brush.lineTo(centre(end) - b, yOf(end));
    brush.closePath();
    brush.fill();
  }
  drawPoles(plate, centre, half, yOf);
}

/** Centre-line dashes as shares of the way from the horizon to the viewer, equal in perspective. */
function dashes(): [number, number][] {
  const found: [number, number][] = [];
  for (let distance = 1; distance < 30; distance += 0.9) found.push([1 / (distance + 0.38), 1 / distance]);
  return found;
}

function drawPoles(
  plate: Plate,
  centre: (share: number) => number,
  half: (share: number) => number,
  yOf: (share: number) => number,
): void {
  const { brush, palette, reading, light, width } = plate;
  const sign = light[0] < width / 2 ? 1 : -1;
  for (let index = 7; index >= 1; index--) {
    const share = 0.86 / (index + 0.25);
    const x = centre(share) + sign * (half(share) * 1.18 + 8);
    const [y, tall] = [yOf(share), 560 * share];
    const colour = mixColours(palette.near, palette.ink, Math.min(1, 0.35 + share));
    brush.strokeStyle = rgba(colour);
    brush.lineWidth = Math.max(1.2, 11 * share);
    brush.beginPath();
    brush.moveTo(x, y);
    brush.lineTo(x, y - tall);
    brush.stroke();
    brush.lineWidth = Math.max(1, 7 * share);
    brush.beginPath();
    brush.moveTo(x - 46 * share, y - tall * 0.9);
    brush.lineTo(x + 46 * share, y - tall * 0.9);
    brush.stroke();
    if (reading.time === 'night' || reading.time === 'neon' || reading.time === 'dusk') {
      glow(
        brush,
        [x - sign * 46 * share, y - tall * 0.9],
        90 * share,
        90 * share,
        palette.accent,
        0.9,
        'screen',
      );
    }
  }
}
