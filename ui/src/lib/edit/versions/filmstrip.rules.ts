import type { Filmstrip } from '#contract/take.schema';

/** The place of a tile as CSS counts it: a share of what the sheet sticks out by. */
export function placeOf(tile: number, { columns, rows }: Filmstrip): string {
  const share = (at: number, of: number) => (of <= 1 ? 0 : (at / (of - 1)) * 100);
  return `${share(tile % columns, columns)}% ${share(Math.floor(tile / columns), rows)}%`;
}

/** The tile nearest to a frame of the clip. */
export function tileOf(frame: number, { tiles, everyFrames }: Filmstrip): number {
  return Math.max(0, Math.min(tiles - 1, Math.round(frame / everyFrames)));
}
