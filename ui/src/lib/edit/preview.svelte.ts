import {
  momentAt,
  nextClipIndex,
  type PreviewMoment,
  type PreviewScene,
  sceneStarts,
} from './preview-clock.models.ts';

/** A clip that is this far from the song is set right; less would only make it stutter. */
const DRIFT_SECONDS = 0.06;

type Elements = { song: HTMLAudioElement; clips: [HTMLVideoElement, HTMLVideoElement] };

/**
 * Plays the whole video without composing it: the song is the master clock, two video elements take
 * turns, the next clip waiting at its first frame in the one that is not shown.
 */
export class Preview {
  playing = $state(false);
  /** Seconds of the song. */
  time = $state(0);
  moment = $state.raw<PreviewMoment>({ kind: 'end' });
  /** Which of the two elements is shown. */
  shown = $state<0 | 1>(0);
  #scenes: PreviewScene[] = [];
  #fps = 25;
  #hasSong = false;
  #elements: Elements | null = null;
  #frame = 0;
  /** Without a song, or after its end, time is counted from here. */
  #counted: { from: number; since: number } | null = null;

  attach(elements: Elements): () => void {
    this.#elements = elements;
    this.#show();
    return () => {
      this.pause();
      this.#elements = null;
    };
  }

  /** Takes over the timeline; what plays goes on at the same time of the song. */
  load(scenes: PreviewScene[], fps: number, hasSong: boolean): void {
    this.#scenes = scenes;
    this.#fps = fps;
    this.#hasSong = hasSong;
    this.#show();
  }

  get length(): number {
    return (sceneStarts(this.#scenes).at(-1) ?? 0) / this.#fps;
  }

  async play(): Promise<void> {
    const song = this.#elements?.song;
    if (song === undefined || this.#scenes.length === 0) return;
    if (this.time >= this.length - 1 / this.#fps) this.seek(0);
    this.playing = true;
    if (this.#hasSong && this.time < song.duration) {
      song.currentTime = this.time;
      this.#counted = null;
      await song.play();
    } else {
      this.#counted = { from: this.time, since: performance.now() };
    }
    this.#tick();
  }

  pause(): void {
    this.playing = false;
    cancelAnimationFrame(this.#frame);
    this.#elements?.song.pause();
    for (const clip of this.#elements?.clips ?? []) clip.pause();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else void this.play();
  }

  seek(seconds: number): void {
    this.time = Math.max(0, Math.min(seconds, this.length));
    const song = this.#elements?.song;
    if (song !== undefined && this.#hasSong && this.time < song.duration) {
      song.currentTime = this.time;
      if (this.playing && song.paused) void song.play();
      this.#counted = null;
    } else if (this.playing) {
      this.#counted = { from: this.time, since: performance.now() };
    }
    this.#show(true);
  }

  #tick = (): void => {
    const song = this.#elements?.song;
    if (song === undefined || !this.playing) return;
    if (song.ended && this.#counted === null) {
      this.#counted = { from: this.time, since: performance.now() };
    }
    this.time =
      this.#counted === null
        ? song.currentTime
        : this.#counted.from + (performance.now() - this.#counted.since) / 1000;
    this.#show();
    if (this.moment.kind === 'end') {
      this.pause();
      this.time = this.length;
      return;
    }
    this.#frame = requestAnimationFrame(this.#tick);
  };

  #show(isSeek = false): void {
    this.moment = momentAt(this.#scenes, this.time, this.#fps);
    const clips = this.#elements?.clips;
    if (clips === undefined) return;
    if (this.moment.kind === 'clip') {
      const { clipUrl, offsetSeconds, index } = this.moment;
      if (clips[this.shown].dataset['url'] !== clipUrl) {
        const other = this.shown === 0 ? 1 : 0;
        if (clips[other].dataset['url'] === clipUrl) {
          clips[this.shown].pause();
          this.shown = other;
        } else setClip(clips[this.shown], clipUrl);
      }
      const clip = clips[this.shown];
      const reach = this.playing && !isSeek ? DRIFT_SECONDS : 0.5 / this.#fps;
      if (Math.abs(clip.currentTime - offsetSeconds) > reach && !clip.seeking) {
        clip.currentTime = offsetSeconds;
      }
      if (this.playing && clip.paused) clip.play().catch(() => undefined);
      if (!this.playing) clip.pause();
      this.#preload(index, clips[this.shown === 0 ? 1 : 0]);
    } else {
      for (const clip of clips) clip.pause();
    }
  }

  #preload(index: number, clip: HTMLVideoElement): void {
    const next = nextClipIndex(this.#scenes, index);
    const url = next === null ? null : (this.#scenes[next]?.clipUrl ?? null);
    if (url === null) return;
    if (clip.dataset['url'] !== url) setClip(clip, url);
    if (!clip.paused) clip.pause();
    if (clip.currentTime !== 0 && !clip.seeking) clip.currentTime = 0;
  }
}

function setClip(clip: HTMLVideoElement, url: string): void {
  clip.dataset['url'] = url;
  clip.src = url;
}
