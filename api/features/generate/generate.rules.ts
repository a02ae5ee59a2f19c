import * as v from 'valibot';
import type { GenerateImage, GenerateVideo } from '../../contract/generate.schema';
import { CardSchema, type ImageJob, type VideoJob } from '../../provider-work/generation.rules';

const CardTakeSchema = v.object({ provider: v.literal('local'), options: CardSchema });

/** What an image was drawn from, when it is a storyboard card of this machine; null: any other image. */
export function cardOf(image: { madeBy: Record<string, unknown> }): v.InferOutput<typeof CardSchema> | null {
  const card = v.safeParse(CardTakeSchema, image.madeBy);
  return card.success ? card.output.options : null;
}

/** The most that any model takes of them and still does something with each (veo-3.1). */
export const MOST_REFERENCES = 3;

/** The words of a scene with what the project says of its people and things. */
export function composePrompt(
  prompt: string,
  project: { characterDescription: string; productDescription: string },
): string {
  const parts = [
    prompt.trim(),
    ...(project.characterDescription.trim() === ''
      ? []
      : [`Character: ${project.characterDescription.trim()}`]),
    ...(project.productDescription.trim() === '' ? [] : [`Product: ${project.productDescription.trim()}`]),
  ];
  return parts.join('\n\n');
}

/** Names of the options that somebody set. */
export const askedImageOptions = (job: ImageJob): string[] => [
  ...(job.negativePrompt === '' ? [] : ['negativePrompt']),
  ...(job.seed === null ? [] : ['seed']),
  ...(job.references.length === 0 ? [] : ['references']),
];

export const askedVideoOptions = (job: VideoJob): string[] => [
  ...askedImageOptions(job),
  ...(job.image === null ? [] : ['image']),
];

/** What an image or a clip is asked for in words: the request's own, else the scene's. */
export function wordsOf(
  input: Pick<GenerateImage | GenerateVideo, 'prompt' | 'negativePrompt'>,
  scene: { prompt: string; negativePrompt: string },
  project: { characterDescription: string; productDescription: string },
): { prompt: string; negativePrompt: string } | null {
  const prompt = (input.prompt ?? scene.prompt).trim();
  if (prompt === '') return null;
  return {
    prompt: composePrompt(prompt, project),
    negativePrompt: (input.negativePrompt ?? scene.negativePrompt).trim(),
  };
}

/** How many frames a clip gets: those asked for, else those of its scene. */
export function framesOf(
  duration: number | undefined,
  fps: number,
  scene: { slotFrames: number | null },
): number | null {
  if (duration !== undefined) return Math.max(1, Math.round(duration * fps));
  return scene.slotFrames;
}
