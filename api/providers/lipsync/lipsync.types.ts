import type { LipsyncOptionName, LipsyncOptions } from '../../contract/lipsync.schema';
import type { Log } from '../../shared/log';

/** One lip-sync to be made. All paths are local files; the provider may upload them itself. */
export type LipsyncRequest = {
  jobId: string;
  /** The un-synced clip, normalised to the project's format (constant frame rate, H.264 mp4). */
  videoPath: string;
  /** Exactly the slice of the song under the clip: WAV, 48 kHz. */
  audioPath: string;
  /** A separated vocal of the same slice, when there is one: used instead of the mix. */
  vocalPath?: string;
  /** Where the result goes: H.264 mp4 with the slice as its sound. Its folder exists. */
  outputPath: string;
  /** A folder of this job alone for temporary files; the caller removes it. */
  workDirectory: string;
  width: number;
  height: number;
  fps: number;
  /** Exactly how many frames the clip has; the result has as many. */
  frames: number;
  options: LipsyncOptions;
};

export type LipsyncProgress = (stage: string, fraction: number) => void;

export type LipsyncResult = {
  /** The model that made it, for the record of the take. */
  model: string;
  /** Options this provider has no means to honour; told to the caller, never dropped in silence. */
  ignoredOptions: LipsyncOptionName[];
  /** What the run found and did (frames with a face, times per stage, …); plain JSON. */
  report: Record<string, unknown>;
};

export type LipsyncContext = {
  /** Aborted when the job is canceled; the provider stops within a second and leaves nothing behind. */
  signal: AbortSignal;
  progress: LipsyncProgress;
  log: Log;
};

/** Makes the people in a clip sing a slice of sound. Failures are AppErrors of the provider. */
export type LipsyncProvider = {
  readonly name: 'local' | 'replicate' | 'sync';
  run(request: LipsyncRequest, context: LipsyncContext): Promise<LipsyncResult>;
};
