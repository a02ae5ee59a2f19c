/** Farther off than this (seconds), a clip is set right at once; nearer, it is led back by its speed. */
const FAR_SECONDS = 0.12;
/** Share of a clip's lag that is caught up in a second: 4 means a frame's lag (.04 s) runs at 1.16×. */
const GAIN = 4;
const MOST_SPEED_CHANGE = 0.25;

/** How fast a clip plays so that it meets its place: `behind` is how many seconds it lags (negative: leads). */
export function followingRate(behind: number): number {
  return 1 + Math.max(-MOST_SPEED_CHANGE, Math.min(MOST_SPEED_CHANGE, behind * GAIN));
}

export type ClockedClip = {
  element: HTMLVideoElement;
  /** Seconds in the clip at which the clock's zero lies. */
  start: number;
};

type Parts = {
  clips: ClockedClip[];
  /** The sound, and where in it the clock's zero lies; it is the master while it plays. */
  song: { element: HTMLAudioElement; start: number } | null;
  /** Seconds. */
  length: number;
  fps: number;
};

/**
 * One clock for clips and a part of the song that run together. The song leads, because a jump in
 * sound is heard while a clip can be led back unseen; without a song the computer's clock leads.
 */
export class SharedClock {
  playing = $state(false);
  /** Seconds from the clock's zero. */
  time = $state(0);
  #parts: Parts = { clips: [], song: null, length: 0, fps: 25 };
  #counted: { from: number; since: number } | null = null;
  #frame = 0;

  /** Says what runs; a change while it plays goes on from the same time. */
  set(parts: Parts): void {
    this.#parts = parts;
    if (this.time > parts.length) this.time = 0;
    if (!this.playing) this.seek(this.time);
  }

  get length(): number {
    return this.#parts.length;
  }

  async play(): Promise<void> {
    const { song, length, fps } = this.#parts;
    if (length <= 0) return;
    if (this.time >= length - 0.5 / fps) this.seek(0);
    this.playing = true;
    this.#counted = { from: this.time, since: performance.now() };
    if (song !== null && song.start + this.time < song.element.duration) {
      song.element.currentTime = song.start + this.time;
      await song.element.play();
      // Paused again before the sound began.
      if (!this.playing) return song.element.pause();
      this.#counted = null;
    }
    this.#tick();
  }

  pause(): void {
    if (!this.playing) return;
    this.#halt();
    // Stand still on a whole frame, the same in every clip.
    this.seek(this.time);
  }

  toggle(): void {
    if (this.playing) this.pause();
    else void this.play();
  }

  seek(seconds: number): void {
    const { clips, song, length, fps } = this.#parts;
    this.time = Math.max(0, Math.min(seconds, length));
    if (this.playing) this.#counted = { from: this.time, since: performance.now() };
    if (song !== null && this.playing && !song.element.paused) {
      song.element.currentTime = song.start + this.time;
      this.#counted = null;
    }
    const frame = Math.min(Math.floor(this.time * fps + 0.001), Math.max(0, Math.round(length * fps) - 1));
    for (const { element, start } of clips) {
      // The middle of the frame: no rounding can take it for its neighbour.
      const at = start + (frame + 0.5) / fps;
      if (Math.abs(element.currentTime - at) > 0.001) element.currentTime = at;
    }
  }

  /** Stops for good: its page or dialog goes. */
  stop(): void {
    this.#halt();
    this.#parts = { ...this.#parts, clips: [], song: null };
  }

  #halt(): void {
    this.playing = false;
    cancelAnimationFrame(this.#frame);
    this.#parts.song?.element.pause();
    for (const { element } of this.#parts.clips) {
      element.pause();
      element.playbackRate = 1;
    }
  }

  #tick = (): void => {
    if (!this.playing) return;
    const { clips, song, length } = this.#parts;
    if (this.#counted === null && song?.element.ended === true) {
      this.#counted = { from: this.time, since: performance.now() };
    }
    this.time =
      this.#counted === null && song !== null
        ? song.element.currentTime - song.start
        : (this.#counted?.from ?? 0) + (performance.now() - (this.#counted?.since ?? 0)) / 1000;
    if (this.time >= length) {
      this.#halt();
      this.seek(0);
      return;
    }
    for (const clip of clips) follow(clip, this.time);
    this.#frame = requestAnimationFrame(this.#tick);
  };
}

function follow({ element, start }: ClockedClip, time: number): void {
  const behind = start + time - element.currentTime;
  if (Math.abs(behind) > FAR_SECONDS) {
    if (!element.seeking) element.currentTime = start + time;
  } else element.playbackRate = followingRate(behind);
  // A clip that was taken away meanwhile refuses; there is nothing to do about it.
  if (element.paused) element.play().catch(() => undefined);
}
