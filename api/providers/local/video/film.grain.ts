import { seeded } from '../../../drawing/paint';

const SIDE = 512;
/** Standard deviation of the grain in levels of 255: seen as texture, not as noise. */
const STRENGTH = 2.6;

/** Adds light grain to the luma of a frame, another one each time. */
export type FilmGrain = (luma: Uint8Array, width: number, height: number) => void;

export function createFilmGrain(seed: number): FilmGrain {
  const chance = seeded(seed);
  const tile = new Int8Array(SIDE * SIDE);
  for (let index = 0; index < tile.length; index++) {
    // The sum of three has a bell's shape; its deviation is half.
    tile[index] = Math.round((chance() + chance() + chance() - 1.5) * 2 * STRENGTH);
  }
  return (luma, width, height) => {
    const [left, top] = [Math.floor(chance() * SIDE), Math.floor(chance() * SIDE)];
    for (let y = 0; y < height; y++) {
      const line = ((y + top) % SIDE) * SIDE;
      const begin = y * width;
      for (let x = 0; x < width; x++) {
        const value = (luma[begin + x] ?? 0) + (tile[line + ((x + left) & (SIDE - 1))] ?? 0);
        luma[begin + x] = Math.max(16, Math.min(235, value));
      }
    }
  };
}
