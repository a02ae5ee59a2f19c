import { SEEK_BEYOND_COMPARED } from './clip-sync.rules.ts';
import { frameAt, lastFrameOf, middleOfFrame } from './frame-time.rules.ts';
import { type FollowingClip, keepInStep, setGoing } from './keep-in-step.ts';
import { type ClockParts, SongClock } from './song-clock.svelte.ts';

export type ClockedClip = {
  element: FollowingClip;
  /** Seconds in the clip at which the clock's zero lies. */
  start: number;
  /** Seconds of the clip per second of the clock; 1 when left out. */
  pace?: number;
};

/** Clips that run side by side with a part of the song, or that part alone. At its end it goes back to its beginning. */
export class ClipsClock extends SongClock {
  protected override readonly atEnd = 'beginning';
  #clips: readonly ClockedClip[] = [];

  /** Says what runs. */
  set(parts: ClockParts, clips: readonly ClockedClip[] = []): void {
    this.#clips = clips;
    this.setParts(parts);
  }

  /** Stops for good: its dialog goes. */
  stop(): void {
    this.pause();
    this.set({ song: null, length: this.length, fps: this.fps });
  }

  protected override show(isJump: boolean): void {
    for (const clip of this.#clips) {
      // They don't wait for the song to begin: led back they are in step sooner than started later.
      if (this.playing) this.#follow(clip, isJump);
      else this.#stand(clip);
    }
  }

  #follow({ element, start, pace = 1 }: ClockedClip, isJump: boolean): void {
    const step = { lead: 0, isJump, seekBeyond: SEEK_BEYOND_COMPARED };
    if (!element.seeking) keepInStep(element, start + this.time * pace, this.speed * pace, step);
    // Its speed is set before: a change of it while a clip begins holds that clip up, and not the other.
    if (element.paused) setGoing(element);
  }

  /** On a whole frame, the same in every clip. */
  #stand({ element, start, pace = 1 }: ClockedClip): void {
    if (!element.paused) element.pause();
    const frame = Math.min(frameAt(this.time, this.fps), lastFrameOf(this.length, this.fps));
    const place = start + middleOfFrame(Math.floor(frame * pace + 1e-6), this.fps);
    if (Math.abs(element.currentTime - place) > 0.001) element.currentTime = place;
  }
}
