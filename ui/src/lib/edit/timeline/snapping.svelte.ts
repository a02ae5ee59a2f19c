import type { SongStructure } from '#contract/song-structure.schema';
import { nearestSnap, type SnapPoint, snapPoints } from './snap.rules.ts';

const STORAGE_KEY = 'songreel.timeline';
/** As near as a hand aims, in CSS pixels. */
const REACH_PIXELS = 8;

/** How the timeline is edited: what things snap to, and what an edge that is dragged does. Kept in the browser. */
export class TimelineTools {
  /** Things snap to beats, bars, sections, cuts and the playhead. */
  snaps = $state(true);
  /** Trimming moves what comes after; else the neighbour gives. */
  ripples = $state(false);
  /** Beats, bars and sections of the song; null until they are known. */
  structure = $state.raw<SongStructure | null>(null);
  /** What something snaps to right now. */
  guide = $state.raw<SnapPoint | null>(null);

  constructor() {
    const kept = localStorage.getItem(STORAGE_KEY) ?? '';
    this.snaps = !kept.includes('free');
    this.ripples = kept.includes('ripple');
  }

  toggleSnaps(): void {
    this.snaps = !this.snaps;
    this.#keep();
  }

  toggleRipples(): void {
    this.ripples = !this.ripples;
    this.#keep();
  }

  #keep(): void {
    const kept = [this.snaps ? '' : 'free', this.ripples ? 'ripple' : ''];
    localStorage.setItem(STORAGE_KEY, kept.join(' ').trim());
  }

  /** Everything to snap to; as `snapPoints`. */
  points(of: { cuts: readonly number[]; playhead: number | null; scale: number; fps: number }): SnapPoint[] {
    const { cuts, playhead, scale, fps } = of;
    return snapPoints({ grid: this.structure, cuts, playhead, scale, fps });
  }

  /**
   * The frame that is meant by one that is aimed at, and shows the guide there.
   * @param isFree a key is held down that turns snapping off
   */
  aim(
    frame: number,
    points: readonly SnapPoint[],
    of: { scale: number; fps: number; isFree: boolean },
  ): number {
    const reach = (REACH_PIXELS / of.scale) * of.fps;
    this.guide = this.snaps && !of.isFree ? nearestSnap(points, frame, reach) : null;
    return this.guide?.frame ?? Math.round(frame);
  }
}
