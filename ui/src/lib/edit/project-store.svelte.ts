import { SvelteMap } from 'svelte/reactivity';
import type { Job } from '#contract/job.schema';
import type { Project } from '#contract/project.schema';
import type { Scene } from '#contract/scene.schema';
import { api, body } from '#lib/api/client.ts';
import { type ApiError, asApiError } from '#lib/api/errors.ts';
import { connection } from '#lib/events/connection.svelte.ts';
import { EventStream, retryDelay } from '#lib/events/event-stream.svelte.ts';

/** URLs of media hold for six hours at least; a page that stays open asks for new ones in good time. */
const RENEW_URLS_MS = 2 * 60 * 60 * 1000;

export const isActive = (job: Pick<Job, 'state'>): boolean =>
  job.state === 'queued' || job.state === 'running';

/** Whether `next` tells of a later moment of the job than `known`; events may come after an answer. */
export function isNewer(next: Job, known: Job | undefined): boolean {
  return known === undefined || next.updatedAt >= known.updatedAt;
}

/**
 * One project as the database has it, kept up to date by its event stream: read again whenever it
 * changed, with the progress of jobs applied as it comes. `project` is replaced as a whole.
 */
export class ProjectStore {
  project = $state.raw<Project | null>(null);
  /** Why it can't be shown: it isn't there (404), a token is needed, or it could not be read. */
  error = $state.raw<ApiError | null>(null);
  /** Set when somebody deleted it while it was open. */
  deleted = $state(false);
  /** The newest known state of every job seen since it was opened. */
  readonly jobs = new SvelteMap<string, Job>();
  readonly stream: EventStream;
  readonly #id: string;
  #reading: Promise<void> | null = null;
  #readAgain = false;
  /** Readings that failed one after the other: the event that asked for them won't come again. */
  #failures = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #forgetRetry: () => void;
  readonly #renewal: ReturnType<typeof setInterval>;
  #onEnded: ((job: Job) => void)[] = [];

  constructor(projectId: string) {
    this.#id = projectId;
    this.#forgetRetry = connection.onRetry(() => {
      if (this.#failures > 0) void this.refresh();
    });
    this.#renewal = setInterval(() => void this.refresh(), RENEW_URLS_MS);
    this.stream = new EventStream(projectId, {
      onevent: (event) => {
        if (event.type === 'project.deleted') {
          this.deleted = true;
          this.stream.close();
        } else if (event.type === 'job') {
          this.applyJob(event.payload);
        } else {
          void this.refresh();
        }
      },
      onstale: () => void this.refresh(),
      onrefused: (error) => {
        this.error = error;
      },
    });
  }

  /** The scene with an id, as it is now. */
  scene(sceneId: string): Scene | null {
    return this.project?.scenes.find((scene) => scene.id === sceneId) ?? null;
  }

  /** What is being done to a scene right now, with live progress. */
  sceneJob(sceneId: string): Job | null {
    const known = this.scene(sceneId)?.activeJob ?? null;
    const live = known === null ? null : (this.jobs.get(known.id) ?? known);
    if (live !== null && isActive(live)) return live;
    for (const job of this.jobs.values()) {
      if (job.sceneId === sceneId && job.kind !== 'fit' && isActive(job)) return job;
    }
    return null;
  }

  /** The running job of a kind that belongs to the project as a whole: its song, its composition. */
  projectJob(kind: Job['kind']): Job | null {
    for (const job of this.jobs.values()) {
      if (job.sceneId === null && job.kind === kind && isActive(job)) return job;
    }
    return null;
  }

  /** Takes over a job, from an event or from the answer that started it. */
  applyJob(job: Job): void {
    const known = this.jobs.get(job.id);
    if (!isNewer(job, known)) return;
    this.jobs.set(job.id, job);
    const begins = known === undefined && isActive(job);
    const ends = !isActive(job) && (known === undefined || isActive(known));
    if (begins || ends) void this.refresh();
    if (ends && known !== undefined) for (const listener of this.#onEnded) listener(job);
  }

  /** Is told of each job that ends while the project is open. Returns how to stop that. */
  onJobEnded(listener: (job: Job) => void): () => void {
    this.#onEnded.push(listener);
    return () => {
      this.#onEnded = this.#onEnded.filter((other) => other !== listener);
    };
  }

  /**
   * Reads the project again; resolves when what is shown is at least as new as this call. Calls while
   * it is being read share one further reading.
   */
  async refresh(): Promise<void> {
    if (this.#reading !== null) {
      this.#readAgain = true;
      return this.#reading;
    }
    this.#reading = this.#read();
    try {
      await this.#reading;
    } finally {
      this.#reading = null;
    }
  }

  /** Shows a project that a call just answered with, without asking again. */
  show(project: Project): void {
    this.project = project;
    for (const job of [
      ...project.activeJobs,
      ...project.scenes.flatMap((scene) => [scene.activeJob, scene.fitJob]),
    ]) {
      if (job !== null && isNewer(job, this.jobs.get(job.id))) this.jobs.set(job.id, job);
    }
  }

  close(): void {
    clearTimeout(this.#retryTimer);
    clearInterval(this.#renewal);
    this.#forgetRetry();
    connection.set(this.#source, 'fine');
    this.stream.close();
  }

  get #source(): string {
    return api.projects[':projectId'].$path({ param: { projectId: this.#id } });
  }

  /** After a reading that found nobody there the next one follows by itself. */
  #noteReading(answered: boolean): void {
    clearTimeout(this.#retryTimer);
    // Whoever left the project is told of no loss any more: nobody would take it back.
    const isOver = answered || this.stream.status === 'closed';
    connection.set(this.#source, isOver ? 'fine' : 'lost');
    this.#failures = answered ? 0 : this.#failures + 1;
    if (isOver) return;
    this.#retryTimer = setTimeout(() => void this.refresh(), retryDelay(this.#failures, Math.random()));
  }

  async #read(): Promise<void> {
    do {
      this.#readAgain = false;
      try {
        this.show(await body(api.projects[':projectId'].$get({ param: { projectId: this.#id } })));
        this.error = null;
        this.#noteReading(true);
      } catch (thrown) {
        const error = asApiError(thrown);
        // Refusals stay what they are; a connection comes back, though perhaps not the stream's: its own
        // may have lived on.
        this.#noteReading(error.status >= 400 && error.status < 500);
        // Without a connection, what is on screen stays; the banner tells of it.
        if (this.project === null || error.status === 404) this.error = error;
        if (error.status === 404 && this.project !== null) this.deleted = true;
        return;
      }
    } while (this.#readAgain);
  }
}
