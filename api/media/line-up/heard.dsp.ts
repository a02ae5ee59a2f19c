import type { SongPlace } from './line-up.types';
import { ONSETS_PER_SECOND, type Onsets } from './onsets.dsp';

/** Two seconds: long enough to tell the song from something else, short enough to see where it stops. */
const PIECE = 2 * ONSETS_PER_SECOND;
/** A piece is the song's when it agrees at least this well, compared to the better half of the pieces. */
const SHARE = 0.35;

/**
 * Seconds of the clip between which the song is heard at a place: from the first piece that agrees with it to
 * the last. What the clip has before the song begins, or after somebody stopped it, is left out.
 */
export function heardBetween(song: Onsets, clip: Onsets, place: SongPlace): { from: number; to: number } {
  const end = clip.steps / ONSETS_PER_SECOND;
  const pieces: { at: number; likeness: number }[] = [];
  for (let at = 0; at + PIECE <= clip.steps; at += PIECE / 2) {
    const first = Math.round(
      place.offsetSeconds * ONSETS_PER_SECOND + (at + PIECE / 2) * place.rate - PIECE / 2,
    );
    if (first < 0 || first + PIECE > song.steps) continue;
    pieces.push({ at, likeness: likeness(song, clip, first, at) });
  }
  const sorted = pieces.map((piece) => piece.likeness).sort((a, b) => b - a);
  const usual = sorted[Math.floor(sorted.length / 4)] ?? 0;
  const heard = pieces.filter((piece) => piece.likeness >= SHARE * usual);
  const [first, last] = [heard[0], heard.at(-1)];
  // Where the song itself ends, its last piece is shorter than two seconds.
  const inSong = {
    from: Math.max(0, -place.offsetSeconds / place.rate),
    to: Math.min(end, (song.steps / ONSETS_PER_SECOND - place.offsetSeconds) / place.rate),
  };
  if (first === undefined || last === undefined) return inSong;
  const near = PIECE / ONSETS_PER_SECOND;
  const from = first.at / ONSETS_PER_SECOND;
  const to = (last.at + PIECE) / ONSETS_PER_SECOND;
  return {
    from: from - inSong.from < near ? inSong.from : from,
    to: inSong.to - to < near ? inSong.to : to,
  };
}

function likeness(song: Onsets, clip: Onsets, first: number, at: number): number {
  let [product, own, theirs] = [0, 0, 0];
  song.bands.forEach((band, index) => {
    const heard = clip.bands[index];
    if (heard === undefined) return;
    for (let step = 0; step < PIECE; step++) {
      const [a, b] = [band[first + step] ?? 0, heard[at + step] ?? 0];
      product += a * b;
      own += a * a;
      theirs += b * b;
    }
  });
  return product / Math.sqrt(own * theirs + 1e-9);
}
