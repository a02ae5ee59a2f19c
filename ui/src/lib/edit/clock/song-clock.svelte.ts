import { frameAt, lastFrameOf } from './frame-time.rules.ts';

/** What the clock asks of an audio element. */
export type ClockSound = Pick<
  HTMLAudioElement,
  'currentTime' | 'duration' | 'ended' | 'pause' | 'paused' | 'play' | 'playbackRate' | 'seeking'
>;

/** What a clock runs for. */
export type ClockParts = {
  /** The sound, and where in it (seconds) the clock's zero lies; null: there is none. */
  song: { element: ClockSound; start: number } | null;
  /** Seconds, a whole number of frames. */
  length: number;
  fps: number;
};

export const speeds: readonly number[] = [0.5, 1, 1.5, 2];

/**
 * The clock of everything that plays on the edit page. The song leads, because a jump in sound is heard
 * while a clip can be led back unseen; without a song, or after its end, the computer's clock leads.
 * Who extends it shows its clips at the clock's time.
 */
export abstract class SongClock {
  playing = $state(false);
  /** Seconds from the clock's zero. */
  time = $state(0);
  /** How fast it plays; 1 is as it is. */
  speed = $state(1);
  /** The song can't be played; the clock runs without it. */
  songFailed = $state(false);
  #parts = $state.raw<ClockParts>({ song: null, length: 0, fps: 25 });
  /** Where the computer's clock leads, time is counted from here; null: the song leads. */
  #counted: { from: number; since: number } | null = null;
  #frame = 0;

  /** Shows what belongs to the time. `isJump`: it doesn't follow from the time shown before. */
  protected abstract show(isJump: boolean): void;
  /** Where it stands when it has come to its end. */
  protected abstract readonly atEnd: 'end' | 'beginning';

  get length(): number {
    return this.#parts.length;
  }
  get fps(): number {
    return this.#parts.fps;
  }

  /** Whether time really goes on: it plays, and a song that leads is heard. */
  protected get runs(): boolean {
    const element = this.#parts.song?.element;
    if (!this.playing || this.#counted !== null || element === undefined) return this.playing;
    return !element.paused && !element.seeking;
  }

  /** Says what it runs for; what plays goes on at the same time. */
  protected setParts(parts: ClockParts): void {
    this.#parts = parts;
    if (!this.playing) this.seek(this.time);
  }

  async play(): Promise<void> {
    const { length, fps } = this.#parts;
    if (length <= 0 || this.playing) return;
    if (frameAt(this.time, fps) >= lastFrameOf(length, fps)) this.seek(0);
    this.playing = true;
    await this.#startSong();
    this.#tick();
  }

  pause(): void {
    this.playing = false;
    cancelAnimationFrame(this.#frame);
    this.#parts.song?.element.pause();
    this.show(false);
  }

  toggle(): void {
    if (this.playing) this.pause();
    else void this.play();
  }

  seek(seconds: number): void {
    this.time = Math.max(0, Math.min(seconds, this.length));
    const song = this.#singing();
    if (this.playing) void this.#startSong();
    else if (song !== null && song.element.currentTime !== song.start + this.time) {
      song.element.currentTime = song.start + this.time;
    }
    this.show(true);
  }

  /** By whole frames from the one that is shown; playing stops. */
  step(frames: number): void {
    if (this.playing) this.pause();
    const { length, fps } = this.#parts;
    this.seek(Math.min(frameAt(this.time, fps) + frames, lastFrameOf(length, fps)) / fps);
  }

  setSpeed(speed: number): void {
    if (this.#counted !== null) this.#count();
    this.speed = speed;
    const { song } = this.#parts;
    if (song !== null) song.element.playbackRate = speed;
  }

  /** To the next faster or slower speed. */
  shift(by: 1 | -1): void {
    const at = speeds.indexOf(this.speed);
    this.setSpeed(speeds[Math.max(0, Math.min(speeds.length - 1, at + by))] ?? 1);
  }

  /** The song can't be heard: from now on the computer's clock leads. */
  protected loseSong(): void {
    if (this.#parts.song === null) return;
    this.songFailed = true;
    this.#count();
  }

  /** The song, where it has sound at the time that is shown. */
  #singing(): NonNullable<ClockParts['song']> | null {
    const { song } = this.#parts;
    // Before its length is known it counts as long enough.
    if (song === null || this.songFailed || song.start + this.time >= song.element.duration) return null;
    return song;
  }

  #count(from = this.time): void {
    this.#counted = { from, since: performance.now() };
  }

  /** Sets the song going at the clock's time, or counts where it has no sound. */
  async #startSong(): Promise<void> {
    const song = this.#singing();
    if (song === null) {
      this.#parts.song?.element.pause();
      this.#count();
      return;
    }
    this.#counted = null;
    song.element.currentTime = song.start + this.time;
    song.element.playbackRate = this.speed;
    if (!song.element.paused) return;
    try {
      await song.element.play();
    } catch (thrown) {
      // Paused again before it began; everything else means that there will be no sound.
      if (!(thrown instanceof DOMException && thrown.name === 'AbortError')) this.loseSong();
    }
  }

  /** The time now. */
  #now(): number {
    const { song } = this.#parts;
    if (song !== null && this.#counted === null) {
      const heard = song.element.currentTime - song.start;
      if (song.element.ended) this.#count(heard);
      return heard;
    }
    const { from, since } = this.#counted ?? { from: this.time, since: performance.now() };
    return from + ((performance.now() - since) / 1000) * this.speed;
  }

  readonly #tick = (): void => {
    cancelAnimationFrame(this.#frame);
    if (!this.playing) return;
    this.time = this.#now();
    if (this.time >= this.length) {
      this.time = this.atEnd === 'end' ? this.length : 0;
      this.pause();
      return;
    }
    this.show(false);
    this.#frame = requestAnimationFrame(this.#tick);
  };
}
