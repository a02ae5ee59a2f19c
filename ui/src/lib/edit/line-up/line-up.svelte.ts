import { SvelteSet } from 'svelte/reactivity';
import type { Job } from '#contract/job.schema';
import type { LineUp, LineUpScene } from '#contract/line-up.schema';
import { asApiError } from '#lib/api/errors.ts';
import type { EditSession } from '#lib/edit/edit-session.svelte.ts';
import { isActive } from '#lib/edit/project-store.svelte.ts';
import { i18n } from '#lib/text/i18n.svelte.ts';

/** Looks for where the clips were filmed, and lets scenes be chosen that are lined up. */
export class LineUpSearch {
  /** What is known; null until the clips have been listened to. */
  found = $state.raw<LineUp | null>(null);
  error = $state.raw<{ code: string; message: string } | null>(null);
  /** Whether scenes that have a clip may get another. */
  recut = $state(false);
  /** The ids of the scenes that are to be lined up. */
  readonly wanted = new SvelteSet<string>();
  #jobId = $state<string | null>(null);
  readonly #session: EditSession;
  readonly #sequence: number | null;

  /** @param sequence looks at this scene alone; null: at all */
  constructor(session: EditSession, sequence: number | null) {
    this.#session = session;
    this.#sequence = sequence;
  }

  /** The job that listens, while it does. */
  get job(): Job | null {
    const job = this.#jobId === null ? undefined : this.#session.store.jobs.get(this.#jobId);
    return job !== undefined && isActive(job) ? job : null;
  }

  get scenes(): LineUpScene[] {
    const scenes = this.found?.scenes ?? [];
    return this.#sequence === null ? scenes : scenes.filter((scene) => scene.sequence === this.#sequence);
  }

  get chosen(): number[] {
    return this.scenes
      .filter((scene) => scene.change !== 'none' && this.wanted.has(scene.sceneId))
      .map((scene) => scene.sequence);
  }

  /** Shows what is known, and listens first where a clip has not been heard yet. Returns how to stop following. */
  start(): () => void {
    const forget = this.#session.store.onJobEnded((job) => {
      if (job.id === this.#jobId) this.#end(job);
    });
    void this.#attempt(async () => {
      const known = await this.#session.api.lineUp(false);
      const unheard = known.scenes.some(
        ({ reason, sequence }) =>
          reason === 'not-heard' && (this.#sequence === null || sequence === this.#sequence),
      );
      if (unheard) await this.listen();
      else this.#show(known);
    });
    return forget;
  }

  async listen(): Promise<void> {
    this.error = null;
    await this.#attempt(async () => {
      const { api } = this.#session;
      const sequence = this.#sequence;
      const job = await this.#session.startJob(() =>
        sequence === null ? api.startLineUp() : api.startSceneLineUp(sequence),
      );
      this.#jobId = job.id;
      // It may have ended before its answer came.
      const now = this.#session.store.jobs.get(job.id);
      if (now !== undefined && !isActive(now)) this.#end(now);
    });
  }

  #end(job: Job): void {
    this.#jobId = null;
    if (job.state === 'succeeded') void this.#attempt(() => this.#read());
    else this.error = job.error ?? { code: 'JobCanceled', message: i18n.t.jobs.state.canceled };
  }

  setRecut(recut: boolean): void {
    this.recut = recut;
    void this.#attempt(() => this.#read());
  }

  /** @throws ApiError what the API refused */
  async apply(): Promise<void> {
    this.#session.showLineUp(await this.#session.api.applyLineUp(this.chosen, this.recut));
    await this.#session.store.refresh();
  }

  async #read(): Promise<void> {
    this.#show(await this.#session.api.lineUp(this.recut));
  }

  #show(found: LineUp): void {
    this.found = found;
    if (!this.recut) this.#session.showLineUp(found);
    this.wanted.clear();
    for (const { sceneId, change, confidence } of found.scenes) {
      if (change !== 'none' && confidence === 'certain') this.wanted.add(sceneId);
    }
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }
}
