import type { LipsyncOptions } from '../../contract/lipsync.schema';
import type { ProviderContext, ProviderDescription, ProviderOutcome } from '../provider.types';

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

/** Makes the people in a clip sing a slice of sound. Failures are AppErrors of the provider. */
export type LipsyncProvider = ProviderDescription & {
  run(request: LipsyncRequest, context: ProviderContext): Promise<ProviderOutcome>;
};
