import { mixColours } from '../colour.models';
import { drawWeather } from './finish.drawing';
import { drawRidge } from './land.drawing';
import { clamp, ellipse, glow, type Rgb, rgba, soft, within } from './paint';
import { chanceOf, gradient, type Plate } from './plate';
import { drawSky, drawStars } from './sky.drawing';

/** Water to the horizon with the light's path on it; a shore or rocks before it. */
export function drawSea(plate: Plate): void {
  const { brush, width, height, horizon, palette, light } = plate;
  const chance = chanceOf(plate, 70);
  if (chance() < 0.6) {
    drawRidge(plate, 71, {
      ...{ base: horizon + 8, rise: 38, hills: 1.7, octaves: 4, roughness: 0.5, sharp: false },
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
    ...{ base: height * 0.93, rise: 34, hills: 1.1, octaves: 4, roughness: 0.5, sharp: false },
    colour: palette.ink,
    mist: palette.ink,
  });
}

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
        ...{ base: bottom - 74 + 44 * row, rise: 34, hills: 3, octaves: 4, roughness: 0.55, sharp: false },
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
      ...{
        base: height * (0.76 + 0.09 * row),
        rise: 30,
        hills: 3.2,
        octaves: 4,
        roughness: 0.55,
        sharp: false,
      },
      colour: mixColours(palette.sky[1], palette.ink, 0.3 + 0.35 * row),
      mist: mixColours(palette.sky[2], palette.ink, 0.3 + 0.3 * row),
    });
  }
}
