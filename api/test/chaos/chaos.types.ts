/** What is looked at while things break. Everything is plain data, so that the invariants are pure. */

/** A file that the API said it has: the promise that must be kept from then on. */
export type Acknowledged = {
  jobId: string;
  projectId: string;
  sceneId: string | null;
  kind: 'upload_clip' | 'upload_image' | 'upload_song';
  sha256: string;
  at: string;
};

export type JobFact = {
  id: string;
  kind: string;
  state: string;
  projectId: string | null;
  sceneId: string | null;
  stage: string;
  attempt: number;
  provider: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  /** Key of the uploaded file that the job is about. */
  sourceKey: string | null;
};

/** A row that says that S3 has something. */
export type StoredFact = {
  what: 'take' | 'source' | 'sound' | 'song' | 'composition';
  id: string;
  projectId: string;
  sceneId: string | null;
  jobId: string | null;
  key: string;
  sha256: string;
};

export type TakeFact = {
  id: string;
  sceneId: string;
  kind: 'image' | 'original' | 'trimmed' | 'lipsynced';
  parentId: string | null;
  key: string;
  sha256: string;
  frames: number | null;
  trimIn: number | null;
  trimOut: number | null;
  /** Of the window it was rendered with. */
  speed: number | null;
  /** Of the whole clip, when only a part of it is kept. */
  sourceFrames: number | null;
  audioStart: number | null;
  audioEnd: number | null;
};

/** A scene as the API shows it. */
export type SceneFact = {
  id: string;
  projectId: string;
  sequence: number;
  startFrame: number | null;
  frames: number | null;
  currentTakeId: string | null;
  originalTakeId: string | null;
};

export type CompositionFact = {
  id: string;
  key: string;
  frames: number;
  timeline: { takeId: string; frames: number }[];
};

/** A row of the outbox that is not done, with whether its file is there. */
export type OpenUpload = { id: string; state: string; path: string; machine: string; fileExists: boolean };

/** What the log says was deleted, and what S3 had right then. */
export type DeletedFile = {
  machine: string;
  path: string;
  key: string;
  bytes: number;
  stored: 'same' | 'missing' | 'other';
};

/** An active job with its entry in the queue; ages in seconds on the database's clock. */
export type ActiveJob = {
  id: string;
  kind: string;
  state: string;
  /** Since its row last changed. */
  idleSeconds: number;
  /** Null: the queue has no such entry. */
  entryState: string | null;
  /** Whether it was ever given to the queue; else the request that made it may have been cut off. */
  wasQueued: boolean;
  /** Since its worker was last heard of; null when nobody holds it. */
  heartbeatSeconds: number | null;
  waitsForFiles: boolean;
};

export type MemorySample = { process: string; pid: number; ageSeconds: number; mebibytes: number };

/** A create call that a provider took, as its double wrote it down. */
export type PaidCreate = { provider: string; id: string; charged: boolean };

/** A call as the studio's own ledger has it. */
export type LedgerCall = {
  id: string;
  jobId: string;
  provider: string;
  remoteId: string | null;
  number: number;
  state: string;
};

/** All that is known when everything was healed and nothing happens any more. */
export type QuietFacts = {
  acknowledged: Acknowledged[];
  jobs: JobFact[];
  stored: StoredFact[];
  /** SHA-256 of the objects, by their keys; no entry: there is no such object. */
  objects: Map<string, string>;
  takes: TakeFact[];
  /** Takes that were there at earlier looks, as they were then. */
  takesBefore: TakeFact[];
  scenes: SceneFact[];
  compositions: CompositionFact[];
  /** Frames counted in the files themselves, by key. */
  framesInFile: Map<string, number>;
  /** What the URLs of originals gave, by take id: the SHA-256, or an error. */
  originals: Map<string, { sha256: string } | { error: string }>;
  /** Scenes and projects that somebody asked to delete. */
  deletionAsked: Set<string>;
  filesLeft: { machine: string; path: string; reason: string | null }[];
  processesLeft: string[];
  activeJobs: ActiveJob[];
  /** Objects that no row knows. */
  unknownObjects: string[];
  paidCreates: PaidCreate[];
  ledger: LedgerCall[];
  /** Hosts of results that were sent a provider's secret. */
  leaks: string[];
  /** What became of failed jobs that were tried again when all was well. */
  retried: { jobId: string; kind: string; firstError: string; state: string; error: string | null }[];
};

export type Violation = { invariant: string; what: string };
