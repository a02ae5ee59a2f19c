import type { Job } from '#contract/job.schema';
import { api } from './client.ts';
import { type ApiError, asApiError, errorOf, unreachable } from './errors.ts';

/** What a file is for. Clips and images belong to a scene, wherever it is moved to meanwhile, or to none yet. */
export type UploadTarget =
  | { kind: 'song'; projectId: string }
  | { kind: 'clip' | 'image'; projectId: string; sceneId: string | null };

/** Pauses before a broken upload is tried again, in milliseconds; after the last it has failed. */
const RETRIES_MS = [0, 1000, 3000, 5000, 10_000];

/** Pieces, so that a proxy with a limit on bodies lets it through and a break costs little. */
const CHUNK_BYTES = 16 * 1024 * 1024;

/**
 * One upload: goes on by itself after a broken connection, and after a reload when the same file is
 * given for the same target (tus). `done` resolves to the job that prepares the file.
 */
export class Upload {
  state = $state<'running' | 'paused' | 'done' | 'failed' | 'canceled'>('running');
  /** 0..1 of the file's bytes. */
  progress = $state(0);
  error = $state.raw<ApiError | null>(null);
  /** Resolves to the job (null when the answer was lost, but the file arrived); rejects with ApiError. */
  readonly done: Promise<Job | null>;
  readonly file: File;
  #stop: () => Promise<void> = async () => {};
  #giveUp: () => Promise<void> = async () => {};
  #resume: () => void = () => {};

  constructor(file: File, target: UploadTarget) {
    this.file = file;
    this.done = this.#run(file, target);
    // Whoever awaits it gets the error; who only looks at `state` must not cause an unhandled one.
    this.done.catch(() => {});
  }

  /** Stops for now; what arrived is kept for a day. */
  async pause(): Promise<void> {
    if (this.state !== 'running') return;
    this.state = 'paused';
    await this.#stop();
  }

  /** Gives it up for good: what arrived is deleted, and `done` stays open. */
  async cancel(): Promise<void> {
    if (this.state !== 'running' && this.state !== 'paused') return;
    this.state = 'canceled';
    await this.#giveUp();
  }

  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'running';
    this.#resume();
  }

  async #run(file: File, target: UploadTarget): Promise<Job | null> {
    // Loaded when the first file is given: most visits upload nothing.
    const tus = await import('tus-js-client');
    const { promise, resolve, reject } = Promise.withResolvers<Job | null>();
    const upload = new tus.Upload(file, {
      endpoint: api.uploads.$path(),
      metadata: {
        kind: target.kind,
        projectId: target.projectId,
        filename: file.name,
        ...(target.kind === 'song' || target.sceneId === null ? {} : { sceneId: target.sceneId }),
      },
      chunkSize: CHUNK_BYTES,
      retryDelays: RETRIES_MS,
      removeFingerprintOnSuccess: true,
      fingerprint: async () =>
        [
          'songreel',
          target.projectId,
          target.kind,
          target.kind === 'song' ? '' : (target.sceneId ?? ''),
          file.name,
          file.size,
          file.lastModified,
        ].join('|'),
      onProgress: (sent, total) => {
        this.progress = total === 0 ? 0 : sent / total;
      },
      onSuccess: ({ lastResponse }) => {
        this.state = 'done';
        this.progress = 1;
        const text = lastResponse.getBody();
        resolve(text === '' ? null : JSON.parse(text));
      },
      onError: (thrown) => {
        const response = 'originalResponse' in thrown ? thrown.originalResponse : null;
        const status = response?.getStatus() ?? 0;
        this.error = status === 0 ? unreachable() : errorOf(status, response?.getBody() ?? '');
        this.state = 'failed';
        reject(this.error);
      },
    });
    this.#stop = () => upload.abort();
    // What can't be deleted now goes by itself after a day.
    this.#giveUp = () => upload.abort(true).catch(() => {});
    this.#resume = () => upload.start();
    try {
      const [earlier] = await upload.findPreviousUploads();
      if (earlier !== undefined) upload.resumeFromPreviousUpload(earlier);
      if (this.state === 'running') upload.start();
    } catch (thrown) {
      throw asApiError(thrown);
    }
    return promise;
  }
}
