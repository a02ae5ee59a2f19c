import { type ModelField, type ModelFields, nearestAspect } from './model-fields';
import { promptMark } from './replicate.recovery';

/** Seeds that every model takes: 31 bits. */
const SEEDS = 2 ** 31;

/**
 * Prompt and seed of a call. Something in each call must be its own, so that it is found again in the
 * account's list: a seed that nobody chose, an uploaded file, or else a mark at the prompt's end.
 */
export function promptInput(
  fields: ModelFields,
  asked: { prompt: string; negativePrompt: string; seed: number | null; hasFiles: boolean },
  random: () => number,
): Record<string, unknown> {
  const hasSeed = fields['seed'] !== undefined;
  const isOwn = asked.hasFiles || (hasSeed && asked.seed === null);
  return {
    prompt: isOwn ? asked.prompt : `${asked.prompt}${promptMark(random)}`,
    ...(hasSeed ? { seed: asked.seed === null ? Math.floor(random() * SEEDS) : asked.seed % SEEDS } : {}),
    ...(fields['negative_prompt'] !== undefined && asked.negativePrompt !== ''
      ? { negative_prompt: asked.negativePrompt }
      : {}),
  };
}

/** The aspect ratio nearest to a format, when the model lets one choose. */
export function aspectInput(fields: ModelFields, width: number, height: number): Record<string, unknown> {
  const aspect = nearestAspect(fields, 'aspect_ratio', width, height);
  return aspect === null ? {} : { aspect_ratio: aspect };
}

/** True for fields that take several files. */
export const takesSeveral = (field: ModelField | undefined): boolean => field?.type === 'array';
