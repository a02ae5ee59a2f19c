import type { MeasuredTrack } from '../mouth/mouth.measure';

/** What is known about who speaks in a shot. */
export type SpeakerHints = {
  /** Point in 0..1 of the first frame that a person marked; only for the shot that has that frame. */
  marked?: { x: number; y: number; tracks: readonly MarkedFace[] } | undefined;
  /** Active speaker detection: the opening that the clip's own sound asks for, per frame of the shot. */
  ownSound?: Float32Array | undefined;
  /** Active speaker detection is wanted, with or without usable own sound. */
  wantsActive: boolean;
};

/** Where a face is when it is first seen, in 0..1 of the picture. */
export type MarkedFace = { id: number; x: number; y: number };

/** Fewer common frames than this say nothing about a correlation. */
const ENOUGH_FRAMES = 20;
/** A mouth that fits the sound less than this, or hardly better than another, proves nothing. */
const FIT_AT_LEAST = 0.15;
const FIT_LEAD = 0.08;

/** A mean change of the opening (eye distances a frame) that doubles a face's weight. */
const LIVELY = 0.02;

/** The face that shall sing in a shot, or null when there is none. */
export function chooseSpeaker(tracks: readonly MeasuredTrack[], hints: SpeakerHints): MeasuredTrack | null {
  if (tracks.length <= 1) return tracks[0] ?? null;
  const { marked } = hints;
  if (marked) {
    const distance = (face: MarkedFace): number => Math.hypot(face.x - marked.x, face.y - marked.y);
    const nearest = [...marked.tracks].sort((a, b) => distance(a) - distance(b))[0];
    return tracks.find(({ id }) => id === nearest?.id) ?? null;
  }
  if (hints.wantsActive) {
    return (
      (hints.ownSound && bestFit(tracks, hints.ownSound)) ??
      best(tracks, (track) => presence(track) * movement(track))
    );
  }
  return best(tracks, presence);
}

/** How large and how long a face is seen: pixels of eye distance, summed over the shot. */
export function presence(track: MeasuredTrack): number {
  return track.numbers.reduce((sum, face) => sum + (face?.unit ?? 0), 0);
}

/** How much a mouth moves: 1 at rest, 2 for a mean change of LIVELY. */
function movement(track: MeasuredTrack): number {
  const openings = track.numbers.flatMap((face) => (face ? [face.aperture] : []));
  const steps = openings.slice(1).map((opening, i) => Math.abs(opening - (openings[i] ?? 0)));
  return 1 + steps.reduce((sum, step) => sum + step, 0) / Math.max(1, steps.length) / LIVELY;
}

function bestFit(tracks: readonly MeasuredTrack[], sound: Float32Array): MeasuredTrack | null {
  const fits = tracks
    .map((track) => ({ track, fit: fitToSound(track, sound) }))
    .sort((a, b) => b.fit - a.fit);
  const [first, second] = fits;
  if (!first || first.fit < FIT_AT_LEAST || first.fit - (second?.fit ?? 0) < FIT_LEAD) return null;
  return first.track;
}

/** Correlation of a mouth's own opening with what the sound asks for, at the best of three lags. */
export function fitToSound(track: MeasuredTrack, sound: Float32Array): number {
  return Math.max(...[-1, 0, 1].map((lag) => correlationAt(track, sound, lag)));
}

function correlationAt(track: MeasuredTrack, sound: Float32Array, lag: number): number {
  let [count, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0];
  track.numbers.forEach((face, index) => {
    const heard = sound[index + lag];
    if (!face || heard === undefined) return;
    const open = face.aperture;
    count++;
    sumA += open;
    sumB += heard;
    sumAA += open * open;
    sumBB += heard * heard;
    sumAB += open * heard;
  });
  const spread = (count * sumAA - sumA * sumA) * (count * sumBB - sumB * sumB);
  if (count < ENOUGH_FRAMES || spread <= 0) return 0;
  return (count * sumAB - sumA * sumB) / Math.sqrt(spread);
}

function best(
  tracks: readonly MeasuredTrack[],
  score: (track: MeasuredTrack) => number,
): MeasuredTrack | null {
  return [...tracks].sort((a, b) => score(b) - score(a))[0] ?? null;
}
