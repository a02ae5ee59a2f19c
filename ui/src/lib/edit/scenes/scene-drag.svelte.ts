import type { Scene } from '#contract/scene.schema';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { sceneStarts } from '#lib/edit/preview/preview-moment.rules.ts';
import { dropPlace } from '#lib/edit/timeline/timeline-scale.rules.ts';
import type { TimelineScroll } from '#lib/edit/timeline/timeline-view.svelte.ts';
import { dropScene } from './scene-actions.ts';

/** A pointer that moved less than this has clicked, in pixels. */
const CLICK_PIXELS = 5;
/** Nearer than this to an edge of the view it scrolls, in pixels, by this many a frame. */
const EDGE = 40;
const EDGE_SPEED = 12;

/**
 * A scene being dragged along the timeline to another place. Touch scrolls instead: there, as for keys,
 * the scene's menu moves it.
 */
export class SceneDrag {
  /** The scene that is dragged, once it has really moved. */
  scene = $state.raw<Scene | null>(null);
  /** How far it was dragged, in pixels of the timeline. */
  dx = $state(0);
  /** Seconds of the cut it would go to; null when it would stay. */
  cut = $state<number | null>(null);
  readonly #session: EditSession;
  readonly #scroll: TimelineScroll;
  #cutIndex = 0;
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

  start(event: PointerEvent, scene: Scene): void {
    this.#hasDragged = false;
    if (event.button !== 0 || event.pointerType === 'touch') return;
    const startX = event.clientX;
    const startLeft = this.#scroll.left;
    let x = startX;
    let frame = 0;
    const move = () => {
      this.dx = x - startX + this.#scroll.left - startLeft;
      this.#aim(scene, this.#scroll.secondsAt(x));
    };
    const scrollAtEdge = () => {
      const inside = x - this.#scroll.viewLeft;
      const by = inside < EDGE ? -EDGE_SPEED : inside > this.#scroll.width - EDGE ? EDGE_SPEED : 0;
      if (by !== 0) {
        this.#scroll.scrollTo(this.#scroll.left + by);
        move();
      }
      frame = requestAnimationFrame(scrollAtEdge);
    };
    const onMove = (next: PointerEvent) => {
      x = next.clientX;
      if (this.scene === null) {
        if (Math.abs(x - startX) < CLICK_PIXELS) return;
        this.scene = scene;
        this.#hasDragged = true;
        frame = requestAnimationFrame(scrollAtEdge);
      }
      move();
    };
    const end = () => {
      cancelAnimationFrame(frame);
      controller.abort();
      this.scene = null;
      this.cut = null;
    };
    const onUp = (up: PointerEvent) => {
      // Browsers bundle moves: where it is let go may be the first they say of the last stretch.
      onMove(up);
      const cutIndex = this.#cutIndex;
      const drop = this.scene !== null && this.cut !== null;
      end();
      if (!drop) return;
      void dropScene(this.#session, scene, cutIndex);
    };
    const onKey = (key: KeyboardEvent) => {
      if (key.key !== 'Escape' || this.scene === null) return;
      key.preventDefault();
      end();
    };
    const controller = new AbortController();
    const { signal } = controller;
    window.addEventListener('pointermove', onMove, { signal });
    window.addEventListener('pointerup', onUp, { signal });
    window.addEventListener('pointercancel', end, { signal });
    window.addEventListener('keydown', onKey, { signal });
  }

  #aim(scene: Scene, seconds: number): void {
    const { scenes, fps } = this.#session;
    const from = scenes.findIndex((other) => other.id === scene.id);
    const starts = sceneStarts(scenes.map((other) => ({ frames: other.frames ?? 0 })));
    const { to, cut } = dropPlace(
      starts.map((start) => start / fps),
      from,
      seconds,
    );
    this.#cutIndex = to >= from ? to + 1 : to;
    this.cut = to === from && this.#session.selected.size < 2 ? null : cut;
  }
}
