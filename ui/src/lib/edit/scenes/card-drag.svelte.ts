import type { Scene } from '#contract/scene.schema';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { dropScene } from './scene-actions.ts';
import { cutUnder } from './scene-order.rules.ts';

/** A pointer that moved less than this has clicked, in pixels. */
const CLICK_PIXELS = 5;
/** Nearer than this to an edge of the list it scrolls, in pixels, by this many a frame. */
const EDGE = 40;
const EDGE_SPEED = 10;
/** What of a card is pressed or typed into, and doesn't drag it. */
const OWN_POINTER = 'input, textarea, select, a, [role="menu"], button:not([data-scene-choose])';

/**
 * A scene's card being dragged up or down the list to another place. Touch scrolls instead: there, as for keys,
 * the scene's menu moves it.
 */
export class CardDrag {
  /** The scene that is dragged, once it has really moved. */
  scene = $state.raw<Scene | null>(null);
  /** How far it was dragged, in pixels of the list. */
  dy = $state(0);
  /** The cut between cards that it goes to, 0 is before the first; null: it stays. */
  cut = $state<number | null>(null);
  readonly #session: EditSession;
  #hasDragged = false;

  constructor(session: EditSession) {
    this.#session = session;
  }

  /** Listens to the list of cards. */
  readonly attach = (list: HTMLElement): (() => void) => {
    const controller = new AbortController();
    const { signal } = controller;
    list.addEventListener('pointerdown', (event) => this.#start(event, list), { signal });
    // The click that ends a drag chooses nothing.
    const onClick = (event: MouseEvent) => {
      if (!this.#hasDragged) return;
      this.#hasDragged = false;
      event.preventDefault();
      event.stopPropagation();
    };
    list.addEventListener('click', onClick, { signal, capture: true });
    // Browsers would drag the picture.
    list.addEventListener('dragstart', (event) => event.preventDefault(), { signal });
    return () => controller.abort();
  };

  #start(event: PointerEvent, list: HTMLElement): void {
    this.#hasDragged = false;
    const { target } = event;
    if (event.button !== 0 || event.pointerType === 'touch' || !(target instanceof Element)) return;
    if (target.closest(OWN_POINTER) !== null) return;
    const id = target.closest('[data-scene-card]')?.getAttribute('data-scene-card');
    const scene = this.#session.scenes.find((candidate) => candidate.id === id);
    if (scene === undefined) return;
    const scroller = list.closest('[data-scene-list-scroller]');
    const startY = event.clientY + (scroller?.scrollTop ?? 0);
    let y = event.clientY;
    let frame = 0;
    const move = () => {
      this.dy = y + (scroller?.scrollTop ?? 0) - startY;
      const cut = cutUnder(middles(list, this.dy, scene.id), y);
      const { selected } = this.#session;
      const stays = !selected.has(scene.id) && (cut === scene.sequence - 1 || cut === scene.sequence);
      this.cut = stays ? null : cut;
    };
    const scrollAtEdge = () => {
      if (scroller !== null) {
        const { top, bottom } = scroller.getBoundingClientRect();
        const by = y < top + EDGE ? -EDGE_SPEED : y > bottom - EDGE ? EDGE_SPEED : 0;
        if (by !== 0) {
          scroller.scrollTop += by;
          move();
        }
      }
      frame = requestAnimationFrame(scrollAtEdge);
    };
    const onMove = (next: PointerEvent) => {
      y = next.clientY;
      if (this.scene === null) {
        if (Math.abs(y - event.clientY) < CLICK_PIXELS) return;
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
      // A click follows at once, or never: the pointer was let go elsewhere.
      setTimeout(() => {
        this.#hasDragged = false;
      });
    };
    const onUp = (up: PointerEvent) => {
      onMove(up);
      const { cut } = this;
      const isDrop = this.scene !== null && cut !== null;
      end();
      if (isDrop) void dropScene(this.#session, scene, cut);
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
    window.addEventListener('keydown', onKey, { signal, capture: true });
  }
}

/** The middles of the cards on the screen, the dragged one's where it was. */
function middles(list: HTMLElement, dy: number, dragged: string): number[] {
  return [...list.querySelectorAll('[data-scene-card]')].map((card) => {
    const { top, bottom } = card.getBoundingClientRect();
    return (top + bottom) / 2 - (card.getAttribute('data-scene-card') === dragged ? dy : 0);
  });
}
