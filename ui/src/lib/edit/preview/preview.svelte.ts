import {
  frameAt,
  momentAt,
  nextClipIndex,
  type PreviewMoment,
  type PreviewScene,
  sceneStarts,
} from './preview-clock.rules.ts';
import { correctionOf, isEarly, leadOf, nextLead } from './preview-sync.rules.ts';

type Elements = { song: HTMLAudioElement; clips: [HTMLVideoElement, HTMLVideoElement] };
type Slot = 0 | 1;
/** Whether the shown clip is the one from before, the one that waited, or one that must be loaded. */
type Change = 'kept' | 'swapped' | 'loaded';

/** A picture that is told to the screen now is seen at its next refresh, in seconds. */
const SCREEN_SECONDS = 0.012;
export const speeds: readonly number[] = [0.5, 1, 1.5, 2];

/**
 * Plays the whole video without composing it: the song is the master clock, two video elements take
 * turns. The next clip waits at its first frame, is started a little before its cut (how much is learnt)
 * and kept on the clock by small changes of its speed.
 */
export class Preview {
  playing = $state(false);
  /** Seconds of the song. */
  time = $state(0);
  moment = $state.raw<PreviewMoment>({ kind: 'end' });
  /** Which of the two elements is shown. */
  shown = $state<Slot>(0);
  /** The shown clip has no picture yet. */
  waiting = $state(false);
  /** The song can't be played; the preview runs without it. */
  songFailed = $state(false);
  speed = $state(1);
  #scenes: PreviewScene[] = [];
  #starts = $state.raw<number[]>([0]);
  #fps = $state(25);
  #hasSong = false;
  #elements: Elements | null = null;
  #frame = 0;
  /** How long before its cut each clip is started: those with sound take longer to begin. */
  readonly #leads = new Map<string, number>();
  /** The clip that came on at the last cut, until its lead is learnt. */
  #learning: string | null = null;
  /** What each element holds: scene and version. */
  readonly #held: [string | null, string | null] = [null, null];
  /** Without a song, or after its end, time is counted from here. */
  #counted: { from: number; since: number } | null = null;

  attach(elements: Elements): () => void {
    this.#elements = elements;
    this.#held.fill(null);
    const controller = new AbortController();
    const { signal } = controller;
    for (const slot of [0, 1] as const) {
      const clip = elements.clips[slot];
      // While a clip seeks, later seeks wait: the last place that was asked for is the one that counts.
      clip.addEventListener('seeked', () => this.#show(), { signal });
      clip.addEventListener('loadeddata', () => this.#show(), { signal });
      clip.addEventListener('error', () => this.#held.splice(slot, 1, null), { signal });
    }
    elements.song.addEventListener('error', () => this.#loseSong(), { signal });
    this.#show();
    return () => {
      this.pause();
      controller.abort();
      this.#elements = null;
    };
  }

  /** Takes over the timeline; what plays goes on at the same time of the song. */
  load(scenes: PreviewScene[], fps: number, hasSong: boolean): void {
    this.#scenes = scenes;
    this.#starts = sceneStarts(scenes);
    this.#fps = fps;
    this.#hasSong = hasSong;
    this.#show();
  }

  get length(): number {
    return (this.#starts.at(-1) ?? 0) / this.#fps;
  }

  async play(): Promise<void> {
    const song = this.#elements?.song;
    if (song === undefined || this.#scenes.length === 0 || this.playing) return;
    if (this.time >= this.length - 1 / this.#fps) this.seek(0);
    this.playing = true;
    await this.#startClock();
    this.#tick();
  }

  pause(): void {
    this.playing = false;
    cancelAnimationFrame(this.#frame);
    this.#elements?.song.pause();
    for (const clip of this.#elements?.clips ?? []) clip.pause();
    this.#show();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else void this.play();
  }

  setSpeed(speed: number): void {
    if (this.#counted !== null) this.#counted = { from: this.time, since: performance.now() };
    this.speed = speed;
    const song = this.#elements?.song;
    if (song !== undefined) song.playbackRate = speed;
  }

  /** To the next faster or slower speed. */
  shift(by: 1 | -1): void {
    const at = speeds.indexOf(this.speed);
    this.setSpeed(speeds[Math.max(0, Math.min(speeds.length - 1, at + by))] ?? 1);
  }

  seek(seconds: number): void {
    this.time = Math.max(0, Math.min(seconds, this.length));
    if (this.playing) void this.#startClock();
    else if (this.#canSing()) {
      const song = this.#elements?.song;
      if (song !== undefined) song.currentTime = this.time;
    }
    this.#show(true);
  }

  /** By whole frames from the one that is shown; playing stops. */
  step(frames: number): void {
    if (this.playing) this.pause();
    const frame = Math.max(0, frameAt(this.time, this.#fps) + frames);
    this.seek(Math.min(frame / this.#fps, Math.max(0, this.length - 1 / this.#fps)));
  }

  /** Whether the song has sound at the time that is shown. */
  #canSing(): boolean {
    const song = this.#elements?.song;
    // Before its length is known it counts as long enough.
    return song !== undefined && this.#hasSong && !this.songFailed && !(this.time >= song.duration);
  }

  async #startClock(): Promise<void> {
    const song = this.#elements?.song;
    if (song === undefined) return;
    if (!this.#canSing()) {
      song.pause();
      this.#counted = { from: this.time, since: performance.now() };
      return;
    }
    this.#counted = null;
    song.currentTime = this.time;
    song.playbackRate = this.speed;
    if (!song.paused) return;
    try {
      await song.play();
    } catch (thrown) {
      // Paused again before it began; everything else means that there will be no sound.
      if (!(thrown instanceof DOMException && thrown.name === 'AbortError')) this.#loseSong();
    }
  }

  #loseSong(): void {
    if (!this.#hasSong) return;
    this.songFailed = true;
    this.#counted = { from: this.time, since: performance.now() };
  }

  /** The song's time now, in seconds. */
  #now(song: HTMLAudioElement): number {
    if (this.#counted === null) return song.currentTime;
    return this.#counted.from + ((performance.now() - this.#counted.since) / 1000) * this.speed;
  }

  #tick = (): void => {
    const song = this.#elements?.song;
    if (song === undefined || !this.playing) return;
    if (song.ended && this.#counted === null) {
      this.#counted = { from: this.time, since: performance.now() };
    }
    this.time = this.#now(song);
    this.#show();
    if (this.moment.kind === 'end') {
      this.pause();
      this.time = this.length;
      return;
    }
    this.#frame = requestAnimationFrame(this.#tick);
  };

  /** Shows what belongs to the time; while playing, what will be seen at the screen's next refresh. */
  #show(isSeek = false): void {
    const ahead = this.playing && !isSeek ? SCREEN_SECONDS * this.speed : 0;
    this.moment = momentAt(this.#scenes, this.time + ahead, this.#fps);
    const elements = this.#elements;
    if (elements === null) return;
    const { clips, song } = elements;
    if (this.moment.kind !== 'clip') {
      for (const clip of clips) clip.pause();
      const upcoming = this.moment.kind === 'gap' ? nextClipIndex(this.#scenes, this.moment.index) : null;
      if (upcoming !== null) this.#prepare(upcoming, this.shown === 0 ? 1 : 0);
      this.waiting = false;
      return;
    }
    const { index, frame } = this.moment;
    const change = this.#bring(index);
    const clip = clips[this.shown];
    this.waiting = clip.readyState < HTMLMediaElement.HAVE_CURRENT_DATA;
    const runs = this.playing && (this.#counted !== null || (!song.paused && !song.seeking));
    if (!runs) {
      if (!clip.paused) clip.pause();
      // The middle of the frame: its edge may round to the one before.
      const place = (frame + 0.5) / this.#fps;
      if (!clip.seeking && Math.abs(clip.currentTime - place) > 0.25 / this.#fps) clip.currentTime = place;
    } else {
      this.#follow(index, clip, change, isSeek);
    }
    this.#lookAhead(index);
  }

  /** Keeps the clip of a scene, which plays, on the song's clock. */
  #follow(index: number, clip: HTMLVideoElement, change: Change, isSeek: boolean): void {
    if (clip.seeking) return;
    const place = this.time - (this.#starts[index] ?? 0) / this.#fps;
    const key = this.#keyOf(index);
    const lead = this.#leads.get(key);
    const error = (clip.currentTime - place) / this.speed;
    const correction = correctionOf(error, this.speed);
    if (isSeek || correction.kind === 'seek') {
      clip.currentTime = Math.max(0, place + leadOf(lead) * this.speed);
    } else if (change === 'swapped') {
      this.#learning = key;
    } else if (clip.playbackRate !== correction.rate) {
      clip.playbackRate = correction.rate;
    }
    // At the cut itself it may not run yet: how late it is shows in its second frame.
    if (this.#learning === key && clip.currentTime >= 1 / this.#fps) {
      this.#leads.set(key, nextLead(lead, error));
      this.#learning = null;
    }
    if (clip.paused) this.#start(clip);
  }

  /** Sees to it that the clip of a scene is the one that is shown. */
  #bring(index: number): Change {
    const key = this.#keyOf(index);
    if (this.#held[this.shown] === key) return 'kept';
    const other: Slot = this.shown === 0 ? 1 : 0;
    const isReady = this.#held[other] === key;
    if (!isReady) this.#hold(index, other);
    this.#elements?.clips[this.shown].pause();
    this.shown = other;
    return isReady ? 'swapped' : 'loaded';
  }

  /** Has the next clip waiting, and starts it when its cut is near enough. */
  #lookAhead(index: number): void {
    const next = nextClipIndex(this.#scenes, index);
    if (next !== null) this.#prepare(next, this.shown === 0 ? 1 : 0);
  }

  /** Loads a scene's clip into an element that isn't shown and has it wait at its first frame for its cut. */
  #prepare(index: number, slot: Slot): void {
    const clip = this.#elements?.clips[slot];
    if (clip === undefined) return;
    if (this.#held[slot] !== this.#keyOf(index)) this.#hold(index, slot);
    const toCut = ((this.#starts[index] ?? 0) / this.#fps - this.time) / this.speed;
    const isDue = this.playing && toCut <= leadOf(this.#leads.get(this.#keyOf(index)));
    if (isDue && !isEarly(clip.currentTime, toCut, this.#fps)) {
      if (clip.paused && !clip.seeking) this.#start(clip);
      return;
    }
    if (!clip.paused) clip.pause();
    if (!isDue && clip.currentTime !== 0 && !clip.seeking) clip.currentTime = 0;
  }

  #start(clip: HTMLVideoElement): void {
    clip.playbackRate = this.speed;
    // Refused only when it is paused or given another file before it began: then it is not wanted any more.
    clip.play().catch(() => undefined);
  }

  #keyOf(index: number): string {
    const scene = this.#scenes[index];
    return `${scene?.id}:${scene?.takeId}`;
  }

  #hold(index: number, slot: Slot): void {
    const clip = this.#elements?.clips[slot];
    const url = this.#scenes[index]?.clipUrl;
    if (clip === undefined || url === null || url === undefined) return;
    this.#held[slot] = this.#keyOf(index);
    clip.dataset['scene'] = String(index + 1);
    clip.src = url;
  }
}
