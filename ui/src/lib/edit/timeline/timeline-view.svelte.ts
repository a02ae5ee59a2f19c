import {
  type ScaleBounds,
  scaleBounds,
  TAIL_PIXELS,
  type TimelineView,
  zoomedAt,
  zoomScale,
} from './timeline-scale.rules.ts';

/** How much a press of a zoom button, or a notch of the wheel, zooms. */
export const ZOOM_STEP = 1.5;
/** While playing, the view turns a page when the playhead is this near to its right edge, in pixels. */
const PAGE_EDGE = 24;
/** Where the playhead stands on the new page, as a share of the view. */
const PAGE_START = 0.08;

/** What part of the timeline is in view, and how large. The element scrolls by itself; this follows it. */
export class TimelineScroll {
  /** Of what is in view, in CSS pixels. */
  width = $state(0);
  left = $state(0);
  /** Null: all of it is in view, whatever the width. */
  #scale = $state<number | null>(null);
  #span = $state(1);
  #fps = $state(25);
  readonly #element: () => HTMLElement | null;

  constructor(element: () => HTMLElement | null) {
    this.#element = element;
  }

  /** @param span seconds on the timeline */
  load(span: number, fps: number): void {
    this.#span = span;
    this.#fps = fps;
  }

  readonly bounds: ScaleBounds = $derived(scaleBounds(this.#span, this.width, this.#fps));
  readonly scale: number = $derived(
    this.#scale === null
      ? this.bounds.min
      : Math.max(this.bounds.min, Math.min(this.#scale, this.bounds.max)),
  );
  readonly contentWidth: number = $derived(
    Math.max(this.width, Math.ceil(this.#span * this.scale) + TAIL_PIXELS),
  );
  readonly view: TimelineView = $derived({ scale: this.scale, left: this.left });

  /** The view's left edge on the screen, in CSS pixels. */
  get viewLeft(): number {
    return this.#element()?.getBoundingClientRect().left ?? 0;
  }

  secondsAt(clientX: number): number {
    return (clientX - this.viewLeft + this.left) / this.scale;
  }

  /** @param x pixels from the left edge of the view that stay where they are */
  zoom(factor: number, x: number): void {
    this.#show(zoomedAt(this.view, factor, x, this.bounds));
  }

  /** Zooms so that a time (seconds) stays where it is when it is in view, else the middle of the view. */
  zoomAround(factor: number, time: number): void {
    const x = time * this.scale - this.left;
    this.zoom(factor, x >= 0 && x <= this.width ? x : this.width / 2);
  }

  /** @param fraction 0 (all in view) to 1 (single frames) @param time seconds, as in `zoomAround` */
  zoomTo(fraction: number, time: number): void {
    this.zoomAround(zoomScale(fraction, this.bounds) / this.scale, time);
  }

  fit(): void {
    this.#scale = null;
    this.scrollTo(0);
  }

  scrollTo(left: number): void {
    const element = this.#element();
    if (element === null) return;
    element.scrollLeft = left;
    this.left = element.scrollLeft;
  }

  /** Keeps a time in view: turns the page while playing. */
  follow(time: number): void {
    const x = time * this.scale - this.left;
    if (this.width > 0 && (x < 0 || x > this.width - PAGE_EDGE)) {
      this.scrollTo(time * this.scale - this.width * PAGE_START);
    }
  }

  /** Brings a stretch of time into view when no part of it is. */
  reveal(start: number, end: number): void {
    const [from, to] = [start * this.scale, end * this.scale];
    if (to < this.left + PAGE_EDGE || from > this.left + this.width - PAGE_EDGE) {
      this.scrollTo(from - this.width * PAGE_START);
    }
  }

  #show({ scale, left }: TimelineView): void {
    this.#scale = scale <= this.bounds.min ? null : scale;
    const content = this.#element()?.firstElementChild;
    if (!(content instanceof HTMLElement)) return;
    // The content must be as wide as it will be before it can be scrolled there.
    content.style.width = `${this.contentWidth}px`;
    this.scrollTo(left);
  }
}
