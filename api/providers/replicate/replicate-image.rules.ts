import type { ImageRequest } from '../image/image.types';
import { chooseValue, firstField, type ModelFields } from './model-fields';
import { aspectInput, promptInput, takesSeveral } from './prompt';

/** Names that models give to pictures to go by. */
const referenceNames = ['image_input', 'input_image', 'image_prompt', 'reference_images'];
/** The most that any of them takes (nano-banana-pro). */
const MOST_REFERENCES = 14;

/** Our options that a model has fields for. */
export function honouredImageOptions(fields: ModelFields): string[] {
  return [
    ...(firstField(fields, 'negative_prompt') ? ['negativePrompt'] : []),
    ...(firstField(fields, 'seed') ? ['seed'] : []),
    ...(firstField(fields, ...referenceNames) ? ['references'] : []),
  ];
}

/** Options that somebody set. */
export const askedImageOptions = (request: Pick<ImageRequest, 'negativePrompt' | 'seed' | 'references'>) => [
  ...(request.negativePrompt === '' ? [] : ['negativePrompt']),
  ...(request.seed === null ? [] : ['seed']),
  ...(request.references.length === 0 ? [] : ['references']),
];

/** How many reference pictures a model takes. */
export function referenceCount(fields: ModelFields): number {
  const name = firstField(fields, ...referenceNames);
  if (name === null) return 0;
  return takesSeveral(fields[name]) ? MOST_REFERENCES : 1;
}

/** The input of a model, made of the fields that it has; what changes the price is always said. */
export function imageInput(
  fields: ModelFields,
  request: Pick<ImageRequest, 'prompt' | 'negativePrompt' | 'seed' | 'width' | 'height'>,
  referenceUrls: string[],
  random: () => number,
): Record<string, unknown> {
  const references = firstField(fields, ...referenceNames);
  const [first] = referenceUrls;
  const format = chooseValue(fields, 'output_format', 'png');
  // Priced by size: 2K covers 1080p, and costs what 1K does (prices.json).
  const resolution = chooseValue(fields, 'resolution', '2K');
  return {
    ...promptInput(fields, { ...request, hasFiles: first !== undefined }, random),
    ...aspectInput(fields, request.width, request.height),
    ...(references === null || first === undefined
      ? {}
      : { [references]: takesSeveral(fields[references]) ? referenceUrls : first }),
    ...(format === null ? {} : { output_format: format }),
    ...(resolution === null ? {} : { resolution }),
    ...(fields['num_outputs'] === undefined ? {} : { num_outputs: 1 }),
  };
}
