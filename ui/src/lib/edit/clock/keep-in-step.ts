import { correctionOf, leadOf } from './clip-sync.rules.ts';

/** What is asked of a clip's element. */
export type FollowingClip = Pick<
  HTMLVideoElement,
  'currentTime' | 'pause' | 'paused' | 'play' | 'playbackRate' | 'seeking'
>;

/**
 * Keeps a clip that plays at its place, by its speed or, from far off or after a jump, by a seek.
 * @param place where in the clip it belongs now, in seconds
 * @param speed how fast the clock runs
 * @param lead how long this clip takes to begin, as far as it is known
 */
export function keepInStep(
  clip: FollowingClip,
  place: number,
  speed: number,
  { lead, isJump, seekBeyond }: { lead?: number | undefined; isJump: boolean; seekBeyond?: number },
): void {
  const correction = correctionOf((clip.currentTime - place) / speed, speed, seekBeyond);
  if (isJump || correction.kind === 'seek') clip.currentTime = Math.max(0, place + leadOf(lead) * speed);
  else if (clip.playbackRate !== correction.rate) clip.playbackRate = correction.rate;
}

/** Sets a clip going that waits for its cut, at the clock's own speed. */
export function startClip(clip: FollowingClip, speed: number): void {
  clip.playbackRate = speed;
  setGoing(clip);
}

/** Sets a clip going. */
export function setGoing(clip: FollowingClip): void {
  // Refused only when it is paused or given another file before it began: then it is not wanted any more.
  clip.play().catch(() => undefined);
}
