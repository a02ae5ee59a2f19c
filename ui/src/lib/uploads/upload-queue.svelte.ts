import type { Job } from '#contract/job.schema';
import type { Scene } from '#contract/scene.schema';
import { api, body } from '#lib/api/client.ts';
import { asApiError } from '#lib/api/errors.ts';
import { Upload } from '#lib/api/upload.svelte.ts';
import { isActive } from '#lib/edit/project-store.svelte.ts';
import { forgetFile, keepFile, keptFile, keptKeys } from './kept-file.ts';
import { LocalPictures } from './local-pictures.svelte.ts';
import {
  isSameFile,
  needsPage,
  nextToSend,
  readSavedUploads,
  type SavedUpload,
  stateAfterReload,
  type UploadProblem,
  type UploadState,
} from './upload-list.rules.ts';

/** What the studio keeps of an unfinished upload, it keeps for a day; so does the browser with its file. */
const KEPT_MS = 24 * 60 * 60 * 1000;
const FILE_PREFIX = 'upload';

/** One file on its way into the project, until it is there or dismissed. */
export class UploadEntry {
  readonly id: string;
  readonly kind: 'clip' | 'image' | 'song';
  /** Null for the song, and for media without a scene. */
  readonly sceneId: string | null;
  readonly toMedia: boolean;
  name = $state('');
  size = $state(0);
  lastModified = 0;
  state = $state<UploadState>('waiting');
  problem = $state.raw<UploadProblem | null>(null);
  jobId = $state<string | null>(null);
  upload = $state.raw<Upload | null>(null);
  /** Null after a reload, when the browser could not keep it. */
  file = $state.raw<File | null>(null);

  constructor(saved: SavedUpload, file: File | null) {
    this.id = saved.id;
    this.kind = saved.kind;
    this.sceneId = saved.sceneId;
    this.toMedia = saved.toMedia;
    this.name = saved.name;
    this.size = saved.size;
    this.lastModified = saved.lastModified;
    this.state = saved.state;
    this.problem = saved.problem;
    this.jobId = saved.jobId;
    this.file = file;
  }

  /** 0..1 of the file's bytes. */
  get progress(): number {
    return this.upload?.progress ?? 0;
  }
  /** Under which the browser keeps the file; the time in it says when it may go. */
  get fileKey(): string {
    return `${FILE_PREFIX}|${this.id}`;
  }

  saved(): SavedUpload {
    const { id, name, size, lastModified, kind, sceneId, toMedia, state, jobId, problem } = this;
    return { id, name, size, lastModified, kind, sceneId, toMedia, state, jobId, problem };
  }
}

/** `sceneId`: null for the song, and for a clip or image that becomes media without a scene. */
export type NewUpload = { file: File; kind: 'clip' | 'image' | 'song'; sceneId: string | null };

/** Who shows the project: told of jobs as they begin, says how they stand. */
export type JobBoard = { applyJob(job: Job): void; readonly jobs: ReadonlyMap<string, Job> };

/**
 * All files on their way into one project: a few are sent at a time, the rest waits. Goes on when other
 * views are opened, and after a reload with what the browser has kept. Failures stay until dismissed.
 */
export class UploadQueue {
  entries = $state.raw<readonly UploadEntry[]>([]);
  /** How many were done since the list was last empty. */
  doneCount = $state(0);
  /** Told once each time when nothing is under way any more. */
  onidle: (done: number) => void = () => {};
  readonly #projectId: string;
  readonly #pictures = new LocalPictures();
  #board: JobBoard | null = null;
  #keeping: Promise<void> = Promise.resolve();
  #isRestored = false;

  constructor(projectId: string) {
    this.#projectId = projectId;
  }

  /** Whether leaving the page would stop something. */
  get needsPage(): boolean {
    return this.entries.some((entry) => needsPage(entry.state));
  }
  get isActive(): boolean {
    return this.entries.some((entry) => needsPage(entry.state) || entry.state === 'preparing');
  }
  /** The upload of the project's song while it is sent. */
  get song(): UploadEntry | null {
    return this.entries.find((entry) => entry.kind === 'song' && needsPage(entry.state)) ?? null;
  }
  /** What is being sent, or waits to be sent, for a scene. */
  ofScene(sceneId: string): UploadEntry | null {
    return this.entries.find((entry) => entry.sceneId === sceneId && needsPage(entry.state)) ?? null;
  }

  /** What a scene shows of a file that comes, or has just come; null: nothing, or what the studio has of it. */
  pictureOf(scene: Scene): string | null {
    const isComing = this.entries.some(
      (entry) => entry.sceneId === scene.id && (needsPage(entry.state) || entry.state === 'preparing'),
    );
    return this.#pictures.of(scene, isComing);
  }

  add(uploads: readonly NewUpload[]): void {
    const added = uploads.map(({ file, kind, sceneId }) => {
      const toMedia = kind !== 'song' && sceneId === null;
      return new UploadEntry({ ...newSaved(file, kind, sceneId, 'waiting'), toMedia }, file);
    });
    if (!this.isActive) this.doneCount = 0;
    this.entries = [...this.entries, ...added];
    this.#changed();
    for (const entry of added) {
      this.#picture(entry);
      this.#keep(entry);
    }
  }

  /** Puts a file into the list that is not even sent. */
  refuse(file: File, kind: 'clip' | 'image' | 'song', sceneId: string | null, message: string): void {
    const entry = new UploadEntry(newSaved(file, kind, sceneId, 'failed'), file);
    entry.problem = { code: 'NotTaken', status: 415, message };
    this.entries = [...this.entries, entry];
    this.#changed();
  }

  /** Takes up, once, what a reload interrupted. */
  async restore(): Promise<void> {
    if (this.#isRestored) return;
    this.#isRestored = true;
    const restored: UploadEntry[] = [];
    for (const saved of readSavedUploads(sessionStorage.getItem(this.#storageKey))) {
      const entry = new UploadEntry(saved, null);
      if (saved.state !== 'preparing') entry.file = await keptFile(entry.fileKey);
      entry.state = stateAfterReload(saved.state, entry.file !== null);
      restored.push(entry);
      this.#picture(entry);
    }
    this.entries = [...restored, ...this.entries];
    this.#changed();
    await this.#askForJobs();
    await forgetOldFiles();
  }

  /** Begins to tell a board of jobs. Returns how to stop that. */
  attach(board: JobBoard): () => void {
    this.#board = board;
    void this.#askForJobs();
    return () => {
      if (this.#board === board) this.#board = null;
    };
  }

  /** Takes note of a job that ended. */
  noteEnded(job: Job): void {
    const entry = this.entries.find((one) => one.jobId === job.id && one.state === 'preparing');
    if (entry !== undefined) this.#end(entry, job);
  }

  async cancel(entry: UploadEntry): Promise<void> {
    const { jobId, upload } = entry;
    if (entry.state === 'preparing') {
      if (jobId !== null) await body(api.jobs[':jobId'].cancel.$post({ param: { jobId } }));
      return;
    }
    this.dismiss(entry);
    await upload?.cancel();
  }

  /** Takes an upload off the list. */
  dismiss(entry: UploadEntry): void {
    if (entry.sceneId !== null) this.#pictures.forget(entry.sceneId);
    this.entries = this.entries.filter((one) => one !== entry);
    void forgetFile(entry.fileKey);
    this.#changed();
  }

  dismissFailed(): void {
    for (const entry of this.entries) if (entry.state === 'failed') this.dismiss(entry);
  }

  /** Does again what failed; false when its file has to be chosen first. */
  async retry(entry: UploadEntry): Promise<boolean> {
    if (entry.jobId !== null) {
      const job = await body(api.jobs[':jobId'].retry.$post({ param: { jobId: entry.jobId } }));
      entry.problem = null;
      this.#arrived(entry, job);
      return true;
    }
    if (entry.file === null) return false;
    this.#again(entry, entry.file);
    return true;
  }

  /** Goes on with a file that was chosen again; false when it is another one and must be the same. */
  chooseAgain(entry: UploadEntry, file: File): boolean {
    if (entry.state === 'interrupted' && !isSameFile(file, entry)) return false;
    entry.name = file.name;
    entry.size = file.size;
    entry.lastModified = file.lastModified;
    entry.jobId = null;
    this.#again(entry, file);
    this.#picture(entry);
    this.#keep(entry);
    return true;
  }

  #again(entry: UploadEntry, file: File): void {
    entry.file = file;
    entry.problem = null;
    entry.upload = null;
    entry.state = 'waiting';
    this.#changed();
  }

  #picture(entry: UploadEntry): void {
    const { file, kind, sceneId } = entry;
    if (file === null || kind === 'song' || sceneId === null) return;
    const isWanted = () => this.entries.includes(entry) && entry.state !== 'failed' && entry.state !== 'done';
    this.#pictures.make(sceneId, file, kind, isWanted);
  }

  #send(entry: UploadEntry, file: File): void {
    const { kind, sceneId } = entry;
    const projectId = this.#projectId;
    entry.state = 'uploading';
    const upload = new Upload(file, kind === 'song' ? { kind, projectId } : { kind, projectId, sceneId });
    entry.upload = upload;
    upload.done.then(
      (job) => {
        // When the answer was lost the file is there, and the project shows what becomes of it.
        if (job === null) this.#leave(entry);
        else this.#arrived(entry, job);
      },
      (thrown: unknown) => this.#fail(entry, asApiError(thrown)),
    );
  }

  #arrived(entry: UploadEntry, job: Job): void {
    entry.jobId = job.id;
    entry.state = 'preparing';
    this.#board?.applyJob(job);
    // Its end may have been told before its begin was answered.
    const newest = this.#board?.jobs.get(job.id) ?? job;
    if (isActive(newest)) this.#changed();
    else this.#end(entry, newest);
  }

  #end(entry: UploadEntry, job: Job): void {
    if (job.state === 'succeeded') this.#leave(entry);
    else if (job.state === 'canceled') this.dismiss(entry);
    else this.#fail(entry, job.error ?? { code: 'InternalError', status: 500, message: '' });
  }

  #leave(entry: UploadEntry): void {
    entry.state = 'done';
    this.doneCount += 1;
    void forgetFile(entry.fileKey);
    this.#changed();
  }

  #fail(entry: UploadEntry, { code, status, message }: UploadProblem): void {
    entry.state = 'failed';
    entry.problem = { code, status, message };
    this.#changed();
  }

  /** Sends what may be sent now and remembers how it stands. */
  #changed(): void {
    for (const entry of nextToSend(this.entries)) {
      if (entry.file === null) entry.state = 'interrupted';
      else this.#send(entry, entry.file);
    }
    const isIdle = !this.isActive;
    if (isIdle) this.entries = this.entries.filter((entry) => entry.state !== 'done');
    const saved = this.entries.filter((entry) => entry.state !== 'done').map((entry) => entry.saved());
    if (saved.length === 0) sessionStorage.removeItem(this.#storageKey);
    else sessionStorage.setItem(this.#storageKey, JSON.stringify(saved));
    if (isIdle && this.doneCount > 0) {
      const done = this.doneCount;
      this.doneCount = 0;
      this.onidle(done);
    }
  }

  /** How jobs stand whose end nobody told of: the page was elsewhere. */
  async #askForJobs(): Promise<void> {
    for (const entry of this.entries) {
      if (entry.state !== 'preparing' || entry.jobId === null) continue;
      try {
        this.#arrived(entry, await body(api.jobs[':jobId'].$get({ param: { jobId: entry.jobId } })));
      } catch (thrown) {
        const error = asApiError(thrown);
        // Jobs are cleared away in time; without a connection it is asked again with the next visit.
        if (error.status === 404) this.dismiss(entry);
        else if (error.code === 'Unexpected') throw thrown;
      }
    }
  }

  /** Keeps a file for after a reload: one after the other, so that sending them goes first. */
  #keep(entry: UploadEntry): void {
    this.#keeping = this.#keeping.then(async () => {
      const { file } = entry;
      if (file === null || !needsPage(entry.state)) return;
      await keepFile(file, entry.fileKey);
      // It may have been done meanwhile.
      if (!needsPage(entry.state) && entry.state !== 'failed') await forgetFile(entry.fileKey);
    });
  }

  /** Of this tab alone: another one must not send the same. */
  get #storageKey(): string {
    return `songreel.uploads.${this.#projectId}`;
  }
}

const newSaved = (
  file: File,
  kind: SavedUpload['kind'],
  sceneId: string | null,
  state: UploadState,
): SavedUpload => ({
  // The time comes first: what is kept of it can be cleared away by it.
  id: `${Date.now()}-${Math.random().toString(36).slice(2)}`,
  name: file.name,
  size: file.size,
  lastModified: file.lastModified,
  kind,
  sceneId,
  toMedia: false,
  state,
  jobId: null,
  problem: null,
});

/** Clears away files whose tab never came back. */
async function forgetOldFiles(): Promise<void> {
  for (const key of await keptKeys()) {
    const [prefix, id = ''] = key.split('|');
    if (prefix !== FILE_PREFIX) continue;
    if (Date.now() - Number.parseInt(id, 10) > KEPT_MS) await forgetFile(key);
  }
}

const queues = new Map<string, UploadQueue>();

/** The uploads of a project, which go on while other views of the page are open. */
export function uploadsOf(projectId: string): UploadQueue {
  const known = queues.get(projectId);
  if (known !== undefined) return known;
  if (queues.size === 0) {
    window.addEventListener('beforeunload', (event) => {
      if ([...queues.values()].some((queue) => queue.needsPage)) event.preventDefault();
    });
  }
  const queue = new UploadQueue(projectId);
  queues.set(projectId, queue);
  return queue;
}
