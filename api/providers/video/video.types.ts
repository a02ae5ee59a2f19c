import type { ProviderContext, ProviderDescription, ProviderOutcome } from '../provider.types';

/** The options of video making that a provider may or may not honour. */
export const videoOptionNames = ['negativePrompt', 'seed', 'image', 'lastImage', 'references'] as const;

/** One clip to be made. All paths are local files. */
export type VideoRequest = {
  jobId: string;
  prompt: string;
  negativePrompt: string;
  /** The first frame; null: from words alone. */
  imagePath: string | null;
  /**
   * Set when that image is a storyboard card of this machine: what it was drawn from. Its picture can
   * then be drawn again without the type, which no camera should move over.
   */
  imageCard?: { prompt: string; negativePrompt: string; seed: number | null } | null;
  lastImagePath: string | null;
  references: { path: string; contentType: string }[];
  /** The project's format. */
  width: number;
  height: number;
  fps: number;
  /** How many frames the scene needs: at least as many come back, exactly as many from the local provider. */
  frames: number;
  seed: number | null;
  /** Where the result goes; its folder exists. */
  outputPath: string;
  /** A folder of this job alone; the caller removes it. */
  workDirectory: string;
};

/** Makes a silent clip. Failures are AppErrors of the provider. */
export type VideoProvider = ProviderDescription & {
  /** Seconds of output that will be paid for when this many are needed (models have fixed lengths). */
  paidSeconds(neededSeconds: number): number;
  run(request: VideoRequest, context: ProviderContext): Promise<ProviderOutcome>;
};
