import type { JobKind, StudioJob } from '#contract/job.schema';
import { access } from '#lib/api/access.svelte.ts';
import { api, body } from '#lib/api/client.ts';
import { asApiError } from '#lib/api/errors.ts';
import { isActive } from '#lib/edit/project-store.svelte.ts';
import { connection } from '#lib/events/connection.svelte.ts';

/** How often the list is read: while something runs, and otherwise. */
const BUSY_MS = 1500;
const IDLE_MS = 10_000;
/** The tray shows what ended within a day. */
const RECENT_MS = 24 * 60 * 60 * 1000;

/**
 * Uploads end in the place where they were begun, and fitting follows every change of a scene; a word about each of
 * them would only be noise.
 */
const quietKinds: JobKind[] = ['upload_clip', 'upload_image', 'upload_song', 'fit'];

/**
 * The jobs of all projects, read again and again rather than streamed: a browser has six connections
 * to a server over all its tabs, and the project's own stream needs one.
 */
class Tray {
  jobs = $state.raw<StudioJob[]>([]);
  readonly active = $derived(this.jobs.filter(isActive));
  readonly recent = $derived(
    this.jobs.filter((job) => !isActive(job) && Date.now() - Date.parse(job.updatedAt) < RECENT_MS),
  );
  #known = new Map<string, StudioJob>();
  #first = true;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #onOutcome: (job: StudioJob) => void = () => {};

  /** Begins; `onOutcome` is told of each job that ends from now on. Returns how to stop. */
  start(onOutcome: (job: StudioJob) => void): () => void {
    this.#onOutcome = onOutcome;
    const again = () => void this.refresh();
    const onVisible = () => {
      if (!document.hidden) again();
    };
    const forgetRetry = connection.onRetry(again);
    document.addEventListener('visibilitychange', onVisible);
    again();
    return () => {
      forgetRetry();
      document.removeEventListener('visibilitychange', onVisible);
      clearTimeout(this.#timer);
    };
  }

  /** Reads the list now: after something was started or canceled. */
  async refresh(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      const { jobs } = await body(api.jobs.$get());
      this.#failures = 0;
      access.needsToken = false;
      connection.set('jobs', 'fine');
      this.#announce(jobs);
      this.jobs = jobs;
    } catch (thrown) {
      const error = asApiError(thrown);
      this.#failures += 1;
      if (error.status === 0 && this.#failures > 1) connection.set('jobs', 'lost');
    }
    clearTimeout(this.#timer);
    if (document.hidden) return;
    const pause = this.active.length > 0 || this.#failures > 0 ? BUSY_MS : IDLE_MS;
    this.#timer = setTimeout(() => void this.refresh(), pause);
  }

  #announce(jobs: StudioJob[]): void {
    for (const job of jobs) {
      const before = this.#known.get(job.id);
      const endedNow = !isActive(job) && (before === undefined ? !this.#first : isActive(before));
      const worthAWord =
        job.state === 'failed' || (job.state === 'succeeded' && !quietKinds.includes(job.kind));
      if (endedNow && worthAWord) this.#onOutcome(job);
    }
    this.#known = new Map(jobs.map((job) => [job.id, job]));
    this.#first = false;
  }
}

export const tray = new Tray();
