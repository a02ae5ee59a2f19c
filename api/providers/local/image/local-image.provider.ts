import { join } from 'node:path';
import type { ImageRequest } from '../../image/image.types';
import { providerDied, providerTooSlow } from '../../process/process.errors';
import { type LocalRunContext, runProcess } from '../../process/process.run';
import type { ProviderDescription, ProviderOutcome } from '../../provider.types';
import { type CardJob, cardSize } from './local-image.messages';

/** Goes into the record of every take; raised when results change. */
export const LOCAL_IMAGE_MODEL = 'songreel-storyboard-1';
/** A card takes about a second; a machine that is a hundred times slower is stuck. */
const LIMIT_MS = 120_000;

export type LocalImageProvider = ProviderDescription & {
  run(request: ImageRequest, context: LocalRunContext): Promise<ProviderOutcome>;
};

/** Storyboard cards, drawn on this machine from the words of the prompt: drafts, and they say so. */
export function createLocalImageProvider(
  options: { workerPath?: string; limitMs?: number } = {},
): LocalImageProvider {
  return {
    name: 'local',
    model: LOCAL_IMAGE_MODEL,
    options: ['negativePrompt', 'seed', 'references'],
    usesThisMachine: true,
    async run(request, context) {
      const { prompt, negativePrompt, seed, outputPath, caption, references } = request;
      const job: CardJob = {
        prompt,
        negativePrompt,
        seed,
        outputPath,
        ...caption,
        ...cardSize(request),
        cast: references.map(({ path }) => path),
        plain: false,
      };
      const report = await runProcess(
        {
          workerPath: options.workerPath ?? join(import.meta.dir, 'local-image.worker.ts'),
          job,
          outputPath,
          died: providerDied('card'),
          limit: { ms: options.limitMs ?? LIMIT_MS, error: providerTooSlow('card') },
        },
        context,
      );
      return { model: LOCAL_IMAGE_MODEL, ignoredOptions: [], costUsd: 0, report: { ...report, draft: true } };
    },
  };
}
