import type { Project } from '#contract/project.schema';
import {
  type Change,
  conflictOf,
  dropped,
  emptyStack,
  inverse,
  pushed,
  redone,
  type Stack,
  undone,
} from './history.rules.ts';

/** What came of taking something back or doing it again. */
export type HistoryOutcome =
  | { done: true; change: Change }
  | { done: false; change: Change; why: 'gone' | 'changed' | 'busy' };

/** Takes back and does again what was done on this page, by the same API calls that did it. */
export class History {
  #stack = $state.raw<Stack>(emptyStack);
  busy = $state(false);
  readonly #apply: (change: Change, project: Project) => Promise<void>;

  /** @param apply brings the project to what the change says it is `after` */
  constructor(apply: (change: Change, project: Project) => Promise<void>) {
    this.#apply = apply;
  }

  get undoable(): Change | null {
    return this.#stack.past.at(-1) ?? null;
  }

  get redoable(): Change | null {
    return this.#stack.future[0] ?? null;
  }

  push(change: Change): void {
    this.#stack = pushed(this.#stack, change);
  }

  /** @returns null when there is nothing to take back @throws ApiError what the API refused; it stays undoable */
  undo(project: Project): Promise<HistoryOutcome | null> {
    const change = this.undoable;
    return change === null
      ? Promise.resolve(null)
      : this.#run(change, inverse(change), project, () => undone(this.#stack));
  }

  redo(project: Project): Promise<HistoryOutcome | null> {
    const change = this.redoable;
    return change === null
      ? Promise.resolve(null)
      : this.#run(change, change, project, () => redone(this.#stack));
  }

  async #run(
    change: Change,
    effect: Change,
    project: Project,
    next: () => Stack,
  ): Promise<HistoryOutcome | null> {
    if (this.busy) return null;
    const why = conflictOf(effect, project);
    if (why !== null) {
      // A busy scene will be free again; what is gone or changed stays so.
      if (why !== 'busy') this.#stack = dropped(this.#stack, change);
      return { done: false, change, why };
    }
    this.busy = true;
    try {
      await this.#apply(effect, project);
      this.#stack = next();
      return { done: true, change };
    } finally {
      this.busy = false;
    }
  }
}
