import { SvelteSet } from 'svelte/reactivity';
import { isEarly, leadOf, nextLead } from '#lib/edit/clock/clip-sync.rules.ts';
import { middleOfFrame } from '#lib/edit/clock/frame-time.rules.ts';
import { keepInStep, startClip } from '#lib/edit/clock/keep-in-step.ts';
import { SongClock } from '#lib/edit/clock/song-clock.svelte.ts';
import { fileFrame, fileTime, runsAt, SOURCE } from './clip-place.rules.ts';
import {
  momentAt,
  nextClipIndex,
  type PreviewMoment,
  type PreviewScene,
  sceneStarts,
} from './preview-moment.rules.ts';

type Elements = { song: HTMLAudioElement; clips: [HTMLVideoElement, HTMLVideoElement] };
type Slot = 0 | 1;
/** Whether the shown clip is the one from before, the one that waited, or one that must be loaded. */
type Change = 'kept' | 'swapped' | 'loaded';

/** A picture that is told to the screen now is seen at its next refresh, in seconds. */
const SCREEN_SECONDS = 0.012;

/**
 * Plays the whole video without composing it, on the song's clock: two video elements take turns. The next
 * clip waits at its first frame, is started a little before its cut (how much is learnt) and kept on the
 * clock by small changes of its speed.
 */
export class Preview extends SongClock {
  protected override readonly atEnd = 'end';
  moment = $state.raw<PreviewMoment>({ kind: 'end' });
  /** Which of the two elements is shown. */
  shown = $state<Slot>(0);
  /** 0 to 1. */
  volume = $state(1);
  muted = $state(false);
  /** The shown clip has no picture yet. */
  waiting = $state(false);
  /** Takes whose file, as it was brought, this browser can't play. */
  readonly #unplayable = new SvelteSet<string>();
  #scenes: PreviewScene[] = [];
  #starts: number[] = [0];
  #hasSong = false;
  #elements: Elements | null = null;
  /** How long before its cut each clip is started: those with sound take longer to begin. */
  readonly #leads = new Map<string, number>();
  /** The clip that came on at the last cut, until its lead is learnt. */
  #learning: string | null = null;
  /** What each element holds: scene and version. */
  readonly #held: [string | null, string | null] = [null, null];

  attach(elements: Elements): () => void {
    this.#elements = elements;
    this.#held.fill(null);
    const controller = new AbortController();
    const { signal } = controller;
    for (const slot of [0, 1] as const) {
      const clip = elements.clips[slot];
      // While a clip seeks, later seeks wait: the last place that was asked for is the one that counts.
      clip.addEventListener('seeked', () => this.show(false), { signal });
      clip.addEventListener('loadeddata', () => this.show(false), { signal });
      clip.addEventListener('error', () => this.#lose(slot), { signal });
    }
    this.#sound();
    elements.song.addEventListener('error', () => this.loseSong(), { signal });
    this.#setParts(this.fps);
    return () => {
      this.pause();
      controller.abort();
      this.#elements = null;
      this.#setParts(this.fps);
    };
  }

  /** Whether this browser plays the file of a take, as far as is known. */
  canPlay(takeId: string): boolean {
    return !this.#unplayable.has(takeId);
  }

  /** A clip can't be shown. What was brought may be of a kind that only the studio reads. */
  #lose(slot: Slot): void {
    const takeId = this.#held[slot]?.split(' ')[1];
    this.#held[slot] = null;
    if (takeId?.endsWith(SOURCE)) this.#unplayable.add(takeId);
  }

  /** @param volume 0 to 1 */
  setVolume(volume: number): void {
    this.volume = Math.max(0, Math.min(1, volume));
    this.muted = this.volume === 0;
    this.#sound();
  }

  toggleMuted(): void {
    this.muted = !this.muted;
    if (!this.muted && this.volume === 0) this.volume = 1;
    this.#sound();
  }

  #sound(): void {
    const song = this.#elements?.song;
    if (song === undefined) return;
    song.volume = this.volume;
    song.muted = this.muted;
  }

  /** Takes over the timeline; what plays goes on at the same time of the song. */
  load(scenes: PreviewScene[], fps: number, hasSong: boolean): void {
    this.#scenes = scenes;
    this.#starts = sceneStarts(scenes);
    this.#hasSong = hasSong;
    this.#setParts(fps);
    this.show(false);
  }

  #setParts(fps: number): void {
    const song = this.#hasSong ? (this.#elements?.song ?? null) : null;
    this.setParts({
      song: song === null ? null : { element: song, start: 0 },
      length: (this.#starts.at(-1) ?? 0) / fps,
      fps,
    });
  }

  /** Shows what belongs to the time; while playing, what will be seen at the screen's next refresh. */
  protected override show(isJump: boolean): void {
    const ahead = this.playing && !isJump ? SCREEN_SECONDS * this.speed : 0;
    this.moment = momentAt(this.#scenes, this.time + ahead, this.fps);
    const { clips } = this.#elements ?? {};
    if (clips === undefined) return;
    if (!this.playing || this.moment.kind !== 'clip') for (const clip of clips) clip.pause();
    if (this.moment.kind !== 'clip') {
      if (this.moment.kind === 'gap') this.#lookAhead(this.moment.index);
      this.waiting = false;
      return;
    }
    const { index, frame } = this.moment;
    const change = this.#bring(index);
    const clip = clips[this.shown];
    this.waiting = clip.readyState < HTMLMediaElement.HAVE_CURRENT_DATA;
    const cut = this.#placeOf(index);
    if (this.runs && runsAt(cut, frame)) this.#follow(index, clip, change, isJump);
    else {
      if (!clip.paused) clip.pause();
      const place = middleOfFrame(fileFrame(cut, frame), this.fps);
      if (!clip.seeking && Math.abs(clip.currentTime - place) > 0.25 / this.fps) clip.currentTime = place;
    }
    this.#lookAhead(index);
  }

  /** Keeps the clip of a scene, which plays, on the song's clock. */
  #follow(index: number, clip: HTMLVideoElement, change: Change, isJump: boolean): void {
    if (clip.seeking) return;
    const cut = this.#placeOf(index);
    const first = fileTime(cut, 0, this.fps);
    const place = fileTime(cut, this.time - (this.#starts[index] ?? 0) / this.fps, this.fps);
    const speed = this.speed * (cut?.speed ?? 1);
    const key = this.#keyOf(index);
    const lead = this.#leads.get(key);
    const error = (clip.currentTime - place) / speed;
    if (change === 'swapped' && !isJump) this.#learning = key;
    else keepInStep(clip, place, speed, { lead, isJump });
    // At the cut itself it may not run yet: how late it is shows in its second frame.
    if (this.#learning === key && clip.currentTime >= first + 1 / this.fps) {
      this.#leads.set(key, nextLead(lead, error));
      this.#learning = null;
    }
    if (clip.paused) startClip(clip, speed);
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
    const toCut = ((this.#starts[index] ?? 0) / this.fps - this.time) / this.speed;
    const isDue = this.playing && toCut <= leadOf(this.#leads.get(this.#keyOf(index)));
    const cut = this.#placeOf(index);
    // The middle of its first frame would be shown too late; its edge may round to the one before.
    const first = cut === null ? 0 : fileFrame(cut, 0) / this.fps + 0.001;
    if (isDue && runsAt(cut, 0) && !isEarly(clip.currentTime - first, toCut, this.fps)) {
      if (clip.paused && !clip.seeking) startClip(clip, this.speed * (cut?.speed ?? 1));
      return;
    }
    if (!clip.paused) clip.pause();
    const isThere = cut === null ? clip.currentTime === 0 : Math.abs(clip.currentTime - first) < 0.001;
    if (!isDue && !isThere && !clip.seeking) clip.currentTime = first;
  }

  #keyOf(index: number): string {
    const scene = this.#scenes[index];
    return `${scene?.id} ${scene?.takeId}`;
  }

  #placeOf(index: number) {
    return this.#scenes[index]?.place ?? null;
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
