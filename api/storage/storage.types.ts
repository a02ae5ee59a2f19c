import type postgres from 'postgres';

/** A pool of connections to PostgreSQL whose bigint columns come as numbers. */
export type Database = postgres.Sql;
export type Transaction = postgres.TransactionSql;

/** A local file that has to be in S3. */
export type FileToStore = {
  /** Under the media root: absolute, or relative to it. */
  path: string;
  /** A new key (keys.ts): no key is ever used for two files. */
  key: string;
  contentType: string;
};

/** A file whose object in S3 is proven to hold the same bytes. */
export type StoredFile = { key: string; bytes: number; sha256: string; contentType: string };

/**
 * The database change that belongs to a batch of files. It runs in the transaction that marks the
 * batch confirmed, so it takes effect exactly once, in this process or in a later one: it may depend
 * on nothing but its arguments (JSON). `files` are in the order given to `storeFiles`. An AppError
 * that is not retryable says that the change can never be made (the scene is gone); anything else
 * thrown is tried again later. When the batch ends a job, mark the job succeeded here too.
 */
export type Completion = (
  tx: Transaction,
  files: StoredFile[],
  args: Record<string, unknown>,
) => Promise<void>;

export type StoreFilesRequest = {
  files: FileToStore[];
  /**
   * Give it only with the batch that ends the job: `resumeJob` finishes that batch. A batch that names no
   * job, here or in its arguments, must hold what can be made anew: it is forgotten with its machine.
   */
  jobId?: string;
  /** Name of a registered completion. */
  completion: string;
  arguments: Record<string, unknown>;
  /**
   * Aborted because of a `JobCanceled`, the batch is withdrawn and its files are the caller's
   * again; aborted for any other reason (shutting down), it stays in the outbox and is finished later.
   */
  signal?: AbortSignal;
};

/** A file under the media root that no row of the outbox knows. */
export type UnknownFile = {
  /** Relative to the media root. */
  path: string;
  bytes: number;
  ageMs: number;
  /** Deleted because it was old enough and its bytes were found in S3. */
  deleted: boolean;
  /** Where its bytes were found, if they were looked for and found. */
  foundAt: string | null;
};

export type SweepReport = {
  batchesCompleted: number;
  /** Tried and failed again, or another process is at work on them. */
  batchesPending: number;
  /** Given up: the rows say why, the files are kept. */
  batchesFailed: number;
  /** Of jobs that were canceled or are gone with their project: the files are deleted. */
  batchesWithdrawn: number;
  filesDeleted: number;
  bytesFreed: number;
  foldersRemoved: number;
  /** Objects in S3 that nothing needed any more. */
  objectsDeleted: number;
  objectDeletionsFailed: number;
  multipartUploadsAborted: number;
  unknownFiles: UnknownFile[];
  /** Files of batches that were given up, with the reason. */
  keptFiles: { path: string; bytes: number; reason: string }[];
  /** Steps that could not be done this time (S3 out of reach), in words. */
  problems: string[];
};

export type ObjectHead = {
  key: string;
  bytes: number;
  contentType: string;
  etag: string | null;
  lastModified: Date | null;
};

/** An object and, when its bytes lie on this machine as a plain file, where. */
export type StoredObject = {
  key: string;
  bytes: number;
  contentType: string;
  etag: string | null;
  path: string | null;
};

/** Finds objects whose bytes lie on this machine. The file must only be read. Null: there is no such object. */
export type ObjectFile = (
  key: string,
) => Promise<(Omit<StoredObject, 'key' | 'path'> & { path: string }) | null>;

/** A stretch of an object as a stream; `range` is null when the whole object was sent. */
export type ObjectStream = {
  body: ReadableStream<Uint8Array>;
  /** Length of `body`. */
  bytes: number;
  /** Size of the whole object. */
  totalBytes: number;
  range: { start: number; end: number } | null;
  contentType: string;
  etag: string | null;
};

export type StorageCounters = {
  bytesFreed: number;
  filesDeleted: number;
  fileDeletionsFailed: number;
  bytesUploaded: number;
  uploadsConfirmed: number;
  uploadsFailed: number;
};

export type TemporaryDirectory = AsyncDisposable & {
  /** Absolute, exists and is empty but for files that still wait for their upload. */
  path: string;
  /** Deletes what is in it, except files that still wait for their upload; so does `await using`. Never throws. */
  remove(): Promise<void>;
};

/** What the outbox knows of files that a job waits for, on any machine. */
export type AwaitedFiles =
  /** At least one is still to be stored, and will be tried again. */
  | { state: 'pending' }
  /** They can never be stored. */
  | { state: 'failed'; reason: string };

/** The one way from a local file to S3 and back. */
export type Storage = {
  /** Absolute path of the media root: `DATA_DIR/outputs`. */
  mediaRoot: string;
  /** Identity of this media root (its marker file): only this machine can upload its files. */
  mediaRootId: string;
  registerCompletion(name: string, completion: Completion): void;
  /**
   * Uploads the files, proves that S3 has the same bytes, runs the completion and deletes the local
   * files, in that order. When the upload fails the files stay and are retried by the sweep:
   * AppError `UploadFailed` (502 or 503, retryable).
   */
  storeFiles(request: StoreFilesRequest): Promise<StoredFile[]>;
  /**
   * Uploads files that only a running job needs (a slice for a provider), confirmed like any other. Its
   * objects go when the job ends: the job calls `deleteLater` in `finally`; should its process die
   * before, they go by themselves a day later.
   */
  storeTemporary(request: {
    files: FileToStore[];
    jobId: string;
    signal?: AbortSignal;
  }): Promise<StoredFile[]>;
  /**
   * Lets an unfinished batch of the job on this machine finish first. `none`: there is none, do the
   * work. `completed`: finished just now, its completion has run. `pending`: tried, not finished;
   * the sweep goes on with it. Also `pending` when another machine made a batch for the job lately.
   */
  resumeJob(jobId: string): Promise<'none' | 'completed' | 'pending'>;
  /**
   * The files that a job waits for: those of its own batches and of batches that name it in their
   * arguments (`jobId`). Null when all are stored or there are none.
   */
  awaitedFiles(jobId: string): Promise<AwaitedFiles | null>;
  /** One pass over the outbox. `ignoreBackOff` also tries rows that are not due yet. */
  sweep(options?: { ignoreBackOff?: boolean; signal?: AbortSignal }): Promise<SweepReport>;
  /** Sweeps at once and then every `everyMs`, until the signal; resolves when it has stopped. */
  startSweeping(options: { everyMs: number; signal: AbortSignal }): Promise<void>;
  /**
   * Deletes a local temporary file that was never meant to be stored. Never throws; when it can't be
   * deleted now (the database, which knows what is still to be stored, is away) a later sweep does it.
   */
  discard(path: string): Promise<void>;
  /** `outputs/jobs/{jobId}`, emptied of what an earlier attempt left. */
  temporaryDirectory(jobId: string): Promise<TemporaryDirectory>;
  /**
   * Runs work that is no job in a new folder of its own under `outputs/jobs`. While this process lives,
   * no sweep of another takes its files for what an ended job left.
   */
  inScratchFolder<T>(work: (path: string) => Promise<T>): Promise<T>;
  /** Downloads an object to a new file under the media root; nothing is left there on failure. */
  download(
    key: string,
    toPath: string,
    options?: { signal?: AbortSignal; sha256?: string },
  ): Promise<{ bytes: number; sha256: string; contentType: string }>;
  /** `range` is the value of an HTTP Range header. 404 `ObjectNotFound`, 416 `RangeNotSatisfiable`. */
  read(key: string, options?: { range?: string; signal?: AbortSignal }): Promise<ObjectStream>;
  /** What there is to know for sending an object; unless `fresh`, what was found before isn't looked up again. Null: there is none. */
  locate(key: string, options?: { fresh?: boolean; signal?: AbortSignal }): Promise<StoredObject | null>;
  /** Null when there is no such object. */
  head(key: string, options?: { signal?: AbortSignal }): Promise<ObjectHead | null>;
  /**
   * A URL on the public endpoint, valid for at least `expiresSeconds` (at least 30 minutes) from now
   * and the same for the same object within each half hour. `fileName` makes browsers save it.
   */
  presignGet(key: string, options?: { expiresSeconds?: number; fileName?: string }): Promise<string>;
  /** Names the half hour for which `presignGet` returns the same URLs. */
  signingPeriod(): number;
  /** Queues objects for deletion in the caller's transaction; the sweep deletes them. */
  deleteLater(tx: Transaction, keys: string[], reason: string): Promise<void>;
  /** Creates the bucket when it is missing. */
  ensureBucket(): Promise<void>;
  /** Writes, reads back and deletes a small object; throws an AppError that says what is wrong. */
  check(): Promise<{ milliseconds: number }>;
  counters(): StorageCounters;
};
