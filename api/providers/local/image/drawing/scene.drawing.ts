import type { Brush } from '../../../../drawing/paint';
import type { Palette } from '../palette.rules';
import type { SceneReading } from '../scene.reading.rules';
import { drawCity } from './city.drawing';
import { drawFigures } from './figure.drawing';
import { drawGrain, drawLens, drawWeather } from './finish.drawing';
import { drawDesert, drawField, drawForest, drawMountains, drawRoad } from './land.drawing';
import { chanceOf, type Plate } from './plate';
import { drawRoom } from './room.drawing';
import { drawSea } from './sea.drawing';
import { drawSky } from './sky.drawing';
import { drawSpace } from './space.drawing';
import { drawStage } from './stage.drawing';

const places: Record<SceneReading['setting'], (plate: Plate) => void> = {
  sea: drawSea,
  city: drawCity,
  stage: drawStage,
  forest: drawForest,
  mountains: drawMountains,
  desert: drawDesert,
  road: drawRoad,
  room: drawRoom,
  field: drawField,
  space: drawSpace,
};

/** The sheet of a scene: sizes in units, where the horizon lies, where the light stands. */
export function plateOf(
  brush: Brush,
  size: { width: number; height: number; scale: number },
  reading: SceneReading,
  palette: Palette,
): Plate {
  const { width, height, scale } = size;
  const tall = height > width;
  const shots: Partial<Record<NonNullable<SceneReading['namedShot']>, number>> = {
    aerial: -0.14,
    'low-angle': 0.12,
  };
  const lift = reading.namedShot === null ? 0 : (shots[reading.namedShot] ?? 0);
  const horizon = height * ((tall ? 0.56 : 0.6) + lift);
  const plate = { brush, width, height, scale, horizon, palette, reading };
  const chance = chanceOf({ ...plate, light: [0, 0] }, 5);
  const low =
    reading.time === 'sunrise' || reading.time === 'sunset' || reading.time === 'neon' || reading.backlit;
  const y = low ? horizon - 60 - 90 * chance() : horizon * (0.26 + 0.22 * chance());
  // Type stands at the left of wide pictures: whoever is large stands at the right, before the light.
  const beside = width > height * 1.1 && reading.framing !== 'none' && reading.framing !== 'small';
  const at = beside && !reading.lightNamed ? Math.max(reading.lightAt, 1 - reading.lightAt) : reading.lightAt;
  return { ...plate, light: [width * at, y] };
}

/** Paints the whole picture of a scene, without any type. `done` is called with the share after each part. */
export function drawScene(plate: Plate, done: (share: number) => void): void {
  drawSky(plate);
  done(0.25);
  places[plate.reading.setting](plate);
  done(0.6);
  drawFigures(plate);
  // In a room the weather is behind the window.
  if (plate.reading.setting !== 'room') drawWeather(plate);
  done(0.85);
  drawLens(plate);
  drawGrain(plate);
  done(1);
}
