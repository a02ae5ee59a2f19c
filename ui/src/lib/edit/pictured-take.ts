import type { Take } from '#contract/take.schema';

/** A take with the picture of its first frame, when the studio has made one. */
export type PicturedTake = Take & { posterUrl?: string | null };
