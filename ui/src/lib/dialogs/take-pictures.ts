import type { Take } from '#contract/take.schema';

/** Pictures of a take in a row on one sheet, row by row: tile i shows frame `i * everyFrames`. */
export type Sheet = {
  url: string;
  columns: number;
  rows: number;
  tiles: number;
  tileWidth: number;
  tileHeight: number;
  everyFrames: number;
};
/** A take with the pictures that the server makes of it; they may not be there yet. */
export type PicturedTake = Take & { posterUrl?: string | null; filmstrip?: Sheet | null };

/**
 * The take with its picture and its filmstrip, made by the server when it has none yet. Without an
 * answer it stays as it is: pictures are a help, and what they stand for works without them.
 */
export async function withPictures(projectId: string, take: PicturedTake): Promise<PicturedTake> {
  if (take.posterUrl && (take.filmstrip || take.kind === 'image')) return take;
  try {
    const response = await fetch(`/api/mv/projects/${projectId}/takes/${take.id}/pictures`, {
      method: 'POST',
    });
    return response.ok ? await response.json() : take;
  } catch (error) {
    if (error instanceof TypeError) return take;
    throw error;
  }
}
