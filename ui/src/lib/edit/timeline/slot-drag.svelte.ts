import type { Scene } from '#contract/scene.schema';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import type { SlotEdit } from './slot-edits.svelte.ts';
import { clampTo, type Edge } from './timeline-edits.rules.ts';
import type { TimelineScroll } from './timeline-view.svelte.ts';

/** A pointer that moved less than this has clicked, in pixels. */
const CLICK_PIXELS = 3;

/** An edge of a scene being dragged, or its clip slid under it. Seen as it goes, made when it is let go. */
export class SlotDrag {
  readonly #session: EditSession;
  readonly #scroll: TimelineScroll;
  #hasDragged = false;

  constructor(session: EditSession, scroll: TimelineScroll) {
    this.#session = session;
    this.#scroll = scroll;
  }

  /** Whether the click that the browser sends now was the end of a drag. */
  consumeClick(): boolean {
    const was = this.#hasDragged;
    this.#hasDragged = false;
    return was;
  }

  /** @param edge null: the clip is slid @returns whether there is anything to drag */
  start(event: PointerEvent, scene: Scene, edge: Edge | null): boolean {
    const { edits, preview, fps } = this.#session;
    this.#hasDragged = false;
    if (event.button !== 0) return false;
    const edit: SlotEdit = edge === null ? { kind: 'slip' } : edits.trimOf(scene, edge, event.shiftKey);
    edits.hold();
    const reach = edits.reach(scene.id, edit);
    if (reach === null || scene.startFrame === null || scene.frames === null) {
      edits.cancel();
      return false;
    }
    event.preventDefault();
    preview.pause();
    this.#session.choose(scene);
    const stoodAt = preview.time;
    const startX = event.clientX + this.#scroll.left;
    const toFrames = this.#aimOf(scene, edge, startX);
    /** What is changed is seen: the picture on this side of the cut, or the clip under the playhead. */
    const look = () => {
      const { start, end } = this.#session.scenes.find(({ id }) => id === scene.id) ?? scene;
      if (edge === 'end') preview.seek((end ?? 0) - 0.5 / fps);
      else if (edge === 'start') preview.seek(edit.kind === 'roll' ? (start ?? 0) : (scene.start ?? 0));
      else if (preview.time < (start ?? 0) || preview.time >= (end ?? 0)) preview.seek(start ?? 0);
    };
    const onMove = (pointer: PointerEvent) => {
      if (!this.#hasDragged && Math.abs(pointer.clientX + this.#scroll.left - startX) < CLICK_PIXELS) return;
      this.#hasDragged = true;
      const frames = clampTo(reach, toFrames(pointer));
      if (edits.active?.frames === frames) return;
      edits.show(scene.id, edit, frames);
      look();
    };
    const end = () => {
      controller.abort();
      // A click follows at once, or never: the pointer was let go elsewhere.
      setTimeout(() => {
        this.#hasDragged = false;
      });
      this.#session.tools.guide = null;
      if (edge !== null) preview.seek(stoodAt);
    };
    const onUp = (pointer: PointerEvent) => {
      onMove(pointer);
      end();
      void edits.release();
    };
    const cancel = () => {
      edits.cancel();
      end();
    };
    const onKey = (key: KeyboardEvent) => {
      if (key.key !== 'Escape') return;
      key.preventDefault();
      cancel();
    };
    const controller = new AbortController();
    const { signal } = controller;
    window.addEventListener('pointermove', onMove, { signal });
    window.addEventListener('pointerup', onUp, { signal });
    window.addEventListener('pointercancel', cancel, { signal });
    window.addEventListener('keydown', onKey, { signal, capture: true });
    return true;
  }

  /** How many frames a pointer means, snapped unless Alt is held. */
  #aimOf(scene: Scene, edge: Edge | null, startX: number): (pointer: PointerEvent) => number {
    const { fps, tools, scenes, preview } = this.#session;
    const { scale } = this.#scroll;
    const [startFrame, frames] = [scene.startFrame ?? 0, scene.frames ?? 0];
    const origin = edge === 'end' ? startFrame + frames : startFrame;
    const draggedFrames = (pointer: PointerEvent) =>
      ((pointer.clientX + this.#scroll.left - startX) / scale) * fps;
    // Dragged to the right, the clip comes later: what is shown of it is earlier.
    if (edge === null) return (pointer) => Math.round(-draggedFrames(pointer) * scene.window.speed);
    const starts = scenes.flatMap((other) => (other.startFrame === null ? [] : [other.startFrame]));
    const last = scenes.at(-1);
    const ends = last?.startFrame == null ? [] : [last.startFrame + (last.frames ?? 0)];
    const points = tools
      .points({ cuts: [...starts, ...ends], playhead: Math.round(preview.time * fps), scale, fps })
      .filter(({ frame }) => frame !== origin);
    return (pointer) =>
      tools.aim(origin + draggedFrames(pointer), points, { scale, fps, isFree: pointer.altKey }) - origin;
  }
}
