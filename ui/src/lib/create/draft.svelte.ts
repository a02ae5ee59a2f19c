import type { Format } from '#contract/format.schema';
import type { Job } from '#contract/job.schema';
import type { Song } from '#contract/project.schema';
import type { SceneProposal } from '#contract/proposal.schema';
import { api, body } from '#lib/api/client.ts';
import { ApiError, asApiError } from '#lib/api/errors.ts';
import { Upload } from '#lib/api/upload.svelte.ts';
import { ProjectStore } from '#lib/edit/project-store.svelte.ts';
import { forgetFile, keepFile, keptFile } from '#lib/uploads/kept-file.ts';
import { sceneLengths } from './formats.rules.ts';
import { type LocalSong, readLocalSong } from './song-peaks.ts';

const STORAGE_KEY = 'songreel.draft';
/** Under which the browser keeps the song's file. */
const FILE_KEY = 'song';

type Saved = { projectId: string; fileName: string; seconds: number | null };

function readSaved(): Saved | null {
  const text = localStorage.getItem(STORAGE_KEY);
  return text === null ? null : JSON.parse(text);
}

/**
 * The song of a project that is being created. Its upload starts when it is dropped, so the project
 * exists from then on, and both survive a reload: the file itself is kept in the browser's database.
 */
export class SongDraft {
  projectId = $state<string | null>(null);
  fileName = $state<string | null>(null);
  file = $state.raw<File | null>(null);
  local = $state.raw<LocalSong | null>(null);
  /** False when this browser could not decode the file. */
  readable = $state(true);
  seconds = $state<number | null>(null);
  upload = $state.raw<Upload | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** A reload interrupted the upload and the browser no longer has the file. */
  interrupted = $state(false);
  /** Scenes as the song suggests them; null until the studio has listened to it. */
  proposal = $state.raw<SceneProposal | null>(null);
  #proposing = 0;
  /** The project as the studio has it, from when the song was dropped. */
  #store = $state.raw<ProjectStore | null>(null);

  /** The song once the studio has prepared it. */
  get song(): Song | null {
    return this.#store?.project?.song ?? null;
  }
  /** How the studio prepares the song; null before and after. */
  get preparing(): Job | null {
    return this.#store?.projectJob('upload_song') ?? null;
  }

  /** Takes up what a reload interrupted. */
  async restore(): Promise<void> {
    const saved = readSaved();
    if (saved === null) return;
    try {
      const project = await body(api.projects[':projectId'].$get({ param: { projectId: saved.projectId } }));
      this.projectId = project.id;
      this.#watch(project.id);
      this.fileName = saved.fileName;
      this.seconds = saved.seconds;
      const file = await keptFile(FILE_KEY);
      if (file !== null) await this.#begin(file, project.song !== null || project.activeJobs.length > 0);
      else this.interrupted = project.song === null && project.activeJobs.length === 0;
    } catch (thrown) {
      const error = asApiError(thrown);
      // Deleted in the meantime: there is nothing to go on with.
      if (error.status === 404) await this.#forget();
      else this.error = error;
    }
  }

  /** Takes a song; the same file again goes on with its interrupted upload. */
  async take(file: File, title: string): Promise<void> {
    this.error = null;
    try {
      if (this.projectId === null) {
        this.projectId = (await body(api.projects.$post({ json: { title } }))).id;
        this.#watch(this.projectId);
      }
      this.#save(file.name, null);
      await keepFile(file, FILE_KEY);
      await this.#begin(file, false);
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }

  /** Asks how the song falls into scenes: so many, or as many as it suggests (null). */
  async propose(count: number | null): Promise<void> {
    const { projectId } = this;
    const mine = ++this.#proposing;
    if (projectId === null || this.song === null || count === 0) return;
    try {
      const proposal = await body(
        api.projects[':projectId']['scene-proposal'].$get({
          param: { projectId },
          query: count === null ? {} : { scenes: String(count) },
        }),
      );
      if (mine === this.#proposing) this.proposal = proposal;
    } catch {
      // Without it the scenes are of one length: no reason to stop anybody.
      if (mine === this.#proposing) this.proposal = null;
    }
  }

  /** Gives the song and its project up. */
  async discard(): Promise<void> {
    await this.upload?.pause();
    const { projectId } = this;
    await this.#forget();
    if (projectId === null) return;
    try {
      await api.projects[':projectId'].$delete({ param: { projectId } });
    } catch (thrown) {
      const error = asApiError(thrown);
      // While its song is being prepared it can't be deleted; it stays in the list, where it can be later.
      if (error.status !== 404 && error.status !== 409) this.error = error;
    }
  }

  /** Makes the project what the form says, and leaves this page's care. Resolves to its id. */
  async finish(form: { title: string; concept: string; format: Format; scenes: number }): Promise<string> {
    const { title, concept, format } = form;
    let id = this.projectId;
    if (id === null) id = (await body(api.projects.$post({ json: { title, concept, format } }))).id;
    else {
      await this.upload?.done;
      await body(
        api.projects[':projectId'].$patch({ param: { projectId: id }, json: { title, concept, format } }),
      );
    }
    await this.#prepared();
    if (this.error !== null) throw this.error;
    const existing = (await body(api.projects[':projectId'].$get({ param: { projectId: id } }))).scenes
      .length;
    if (form.scenes > 0 && this.song !== null && existing === 0) {
      await body(
        api.projects[':projectId']['scene-proposal'].$post({
          param: { projectId: id },
          json: { scenes: form.scenes },
        }),
      );
    } else {
      const lengths = form.scenes === 0 ? [] : sceneLengths(this.seconds, form.scenes, format.fps);
      // After a failure half way, a second try adds only what is missing.
      for (const plannedDuration of lengths.slice(existing)) {
        await body(
          api.projects[':projectId'].scenes.$post({ param: { projectId: id }, json: { plannedDuration } }),
        );
      }
    }
    await this.#forget();
    return id;
  }

  /** Resolves when the studio has prepared the song, or found that the file holds none. */
  async #prepared(): Promise<void> {
    const store = this.#store;
    if (store === null || this.preparing === null) return;
    await new Promise<void>((resolve) => {
      const forget = store.onJobEnded((job) => {
        if (job.kind !== 'upload_song') return;
        forget();
        resolve();
      });
    });
    await store.refresh();
  }

  /** Leaves the page; what was begun goes on. */
  close(): void {
    this.#store?.close();
    this.#store = null;
  }

  #watch(projectId: string): void {
    this.close();
    const store = new ProjectStore(projectId);
    // A file that turns out to hold no song is refused only when the studio looks into it.
    store.onJobEnded((job) => {
      if (job.kind === 'upload_song' && job.state === 'failed' && job.error !== null) {
        this.error = new ApiError(job.error.status, { error: job.error.code, message: job.error.message });
      }
    });
    this.#store = store;
  }

  async #begin(file: File, arrived: boolean): Promise<void> {
    this.file = file;
    this.fileName = file.name;
    this.interrupted = false;
    const { projectId } = this;
    if (projectId !== null && !arrived) {
      const upload = new Upload(file, { kind: 'song', projectId });
      this.upload = upload;
      upload.done.then(
        (job) => {
          if (job !== null) this.#store?.applyJob(job);
        },
        (thrown: unknown) => {
          if (this.upload === upload) this.error = asApiError(thrown);
        },
      );
    }
    this.local = await readLocalSong(file);
    this.readable = this.local !== null;
    this.seconds = this.local?.seconds ?? null;
    this.#save(file.name, this.seconds);
  }

  #save(fileName: string, seconds: number | null): void {
    if (this.projectId === null) return;
    const saved: Saved = { projectId: this.projectId, fileName, seconds };
    localStorage.setItem(STORAGE_KEY, JSON.stringify(saved));
  }

  async #forget(): Promise<void> {
    localStorage.removeItem(STORAGE_KEY);
    this.projectId = null;
    this.fileName = null;
    this.file = null;
    this.local = null;
    this.seconds = null;
    this.upload = null;
    this.interrupted = false;
    this.proposal = null;
    this.close();
    await forgetFile(FILE_KEY);
  }
}
