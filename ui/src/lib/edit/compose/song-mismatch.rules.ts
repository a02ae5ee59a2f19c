/** Less than this is no mismatch, in seconds: songs fade out, and cuts fall on frames. */
const TOLERANCE_SECONDS = 1;

export type SongMismatch = { kind: 'shorter' | 'longer'; seconds: number };

/** By how much the scenes together are shorter or longer than the song; null: they fit, or one is missing. */
export function songMismatch(project: {
  duration: number | null;
  song: { duration: number } | null;
}): SongMismatch | null {
  if (project.duration === null || project.song === null) return null;
  const by = project.duration - project.song.duration;
  if (Math.abs(by) < TOLERANCE_SECONDS) return null;
  return { kind: by < 0 ? 'shorter' : 'longer', seconds: Math.abs(by) };
}
