import type { ProviderContext, ProviderDescription, ProviderOutcome } from '../provider.types';

/** The options of image making that a provider may or may not honour. */
export const imageOptionNames = ['negativePrompt', 'seed', 'references'] as const;

/** One picture to be made. All paths are local files. */
export type ImageRequest = {
  jobId: string;
  prompt: string;
  negativePrompt: string;
  /** The project's format: the picture has its aspect ratio as nearly as the model can. */
  width: number;
  height: number;
  seed: number | null;
  /** Pictures of the character or product that should appear. */
  references: { path: string; contentType: string }[];
  /** What a storyboard says beside the picture. */
  caption: { title: string; sequence: number | null };
  /** Where the result goes, whatever its image format; its folder exists. */
  outputPath: string;
  /** A folder of this job alone; the caller removes it. */
  workDirectory: string;
};

/** Makes a picture from words. Failures are AppErrors of the provider. */
export type ImageProvider = ProviderDescription & {
  run(request: ImageRequest, context: ProviderContext): Promise<ProviderOutcome>;
};
