import type { TimelineChange } from '#contract/timeline-change.schema';
import type { EditApi } from '#lib/edit/edit-api.ts';
import type { ProjectStore } from '#lib/edit/project-store.svelte.ts';

/**
 * Undo and redo of the project, as the studio keeps them: the same after a reload, in another tab, and for
 * everyone who works on it.
 */
export class History {
  busy = $state(false);
  readonly #api: Pick<EditApi, 'undo' | 'redo'>;
  readonly #store: ProjectStore;

  constructor(api: Pick<EditApi, 'undo' | 'redo'>, store: ProjectStore) {
    this.#api = api;
    this.#store = store;
  }

  /** What undo would take back; null: nothing. */
  get undoable(): TimelineChange | null {
    return this.#store.project?.timeline.undo ?? null;
  }

  /** What redo would do again; null: nothing. */
  get redoable(): TimelineChange | null {
    return this.#store.project?.timeline.redo ?? null;
  }

  /**
   * Undoes or redoes one change, and shows the project as it is then. Nothing is undone that is not on this page
   * yet: the studio refuses it when somebody changed something meanwhile.
   * @returns what was undone or redone; null: there is nothing, or a step is being taken already
   * @throws ApiError what the API refused
   */
  async step(direction: 'undo' | 'redo'): Promise<TimelineChange | null> {
    const timeline = this.#store.project?.timeline;
    if (this.busy || !timeline?.[direction] || timeline.revision === null) return null;
    this.busy = true;
    try {
      const { change, project } = await this.#api[direction](timeline.revision);
      this.#store.show(project);
      return change;
    } finally {
      this.busy = false;
    }
  }
}
