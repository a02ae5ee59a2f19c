import { type Brush, linear, type Point, type Rgb, rgba, seeded } from '../../../../drawing/paint';
import { mixColours } from '../colour.rules';
import type { Palette } from '../palette.rules';
import type { SceneReading } from '../scene.reading.rules';

/**
 * One picture while it is painted. Its short side is 1000 units, whatever its pixels, so that all
 * sizes of one shape look the same.
 */
export type Plate = {
  readonly brush: Brush;
  readonly width: number;
  readonly height: number;
  /** Pixels for one unit: blurs are given in pixels. */
  readonly scale: number;
  readonly horizon: number;
  readonly light: Point;
  readonly palette: Palette;
  readonly reading: SceneReading;
};

/** Chance for one part of the picture: painting more of one part does not change the others. */
export const chanceOf = (plate: Plate, part: number) =>
  seeded(plate.reading.seed ^ Math.imul(part, 0x85ebca6b));

/** A gradient mixed in OKLab; colours are evenly spaced unless `at` says where they stand. */
export function gradient(
  brush: Brush,
  from: Point,
  to: Point,
  colours: readonly Rgb[],
  at: readonly number[] = colours.map((_, index) => index / (colours.length - 1)),
) {
  const stops: [number, string][] = [];
  for (let index = 0; index < colours.length - 1; index++) {
    const [one, other] = [colours[index], colours[index + 1]];
    const [start, end] = [at[index], at[index + 1]];
    if (!one || !other || start === undefined || end === undefined) continue;
    for (let step = 0; step <= 8; step++) {
      const share = step / 8;
      stops.push([start + (end - start) * share, rgba(mixColours(one, other, share))]);
    }
  }
  return linear(brush, from, to, stops);
}

/** Smooth noise over a line: octaves of value noise, −1..1. */
export function ridgeNoise(chance: () => number, octaves: number, roughness: number): (x: number) => number {
  const tables = Array.from({ length: octaves }, () => Array.from({ length: 64 }, () => chance() * 2 - 1));
  return (x) => {
    let sum = 0;
    let weight = 1;
    let total = 0;
    let frequency = 1;
    for (const table of tables) {
      const place = x * frequency;
      const cell = Math.floor(place);
      const share = place - cell;
      const smooth = share * share * (3 - 2 * share);
      const at = (index: number) => table[((index % 64) + 64) % 64] ?? 0;
      sum += weight * (at(cell) + (at(cell + 1) - at(cell)) * smooth);
      total += weight;
      weight *= roughness;
      frequency *= 2.03;
    }
    return sum / total;
  };
}
