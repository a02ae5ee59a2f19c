/** About as many cards as a screen shows, and as many as are made in one go without holding up a key press. */
const FIRST = 8;
const STEP = 8;
/** A page that never rests gets the next few after this many milliseconds anyway. */
const LONGEST_WAIT_MS = 200;

/**
 * How many items of a long list are made so far: those in sight at once, the others while the page is
 * idle, so that it answers before all of them are there.
 */
export class IncrementalList {
  count = $state(FIRST);

  /** Begins. `total` says how many there are to make. Returns how to stop. */
  start(total: () => number): () => void {
    let stopped = false;
    const next = () => {
      if (stopped) return;
      if (this.count >= total()) {
        // All of them; later ones are made as they come.
        this.count = Number.POSITIVE_INFINITY;
        return;
      }
      this.count += STEP;
      whenIdle(next);
    };
    whenIdle(next);
    return () => {
      stopped = true;
    };
  }

  /** Makes everything now: something far down the list is wanted. */
  finish(): void {
    this.count = Number.POSITIVE_INFINITY;
  }
}

function whenIdle(work: () => void): void {
  // Safari has no idle callbacks.
  if ('requestIdleCallback' in window) requestIdleCallback(work, { timeout: LONGEST_WAIT_MS });
  else setTimeout(work, LONGEST_WAIT_MS / 10);
}
