import type { VideoRequest } from '../video/video.types';
import { chooseValue, firstField, type ModelFields } from './model-fields';
import { aspectInput, promptInput } from './prompt';

const imageNames = ['image', 'start_image', 'first_frame_image'];
const lastImageNames = ['last_frame', 'last_frame_image', 'end_image'];
const REFERENCES = 'reference_images';
/** veo-3.1 takes one to three, and only for 16:9 and 8 seconds; the last frame is ignored then. */
const MOST_REFERENCES = 3;
const REFERENCE_SECONDS = 8;
const REFERENCE_ASPECT = '16:9';
/** A model whose lengths nobody told: what most have. */
const USUAL_SECONDS = [5, 10];

/** The lengths in whole seconds that a model makes, shortest first. */
export function lengthsOf(fields: ModelFields): number[] {
  const field = fields['duration'];
  if (field?.enum !== undefined) return field.enum.map(Number).sort((a, b) => a - b);
  const { minimum, maximum } = field ?? {};
  if (minimum === undefined || maximum === undefined) return USUAL_SECONDS;
  return Array.from({ length: maximum - minimum + 1 }, (_, index) => minimum + index);
}

/** The shortest length that covers what is needed; the longest when none does. */
export function paidLength(fields: ModelFields, neededSeconds: number): number {
  const lengths = lengthsOf(fields);
  // A thousandth of grace: frames / fps may come out a hair above a whole second.
  return lengths.find((length) => length >= neededSeconds - 0.001) ?? lengths.at(-1) ?? neededSeconds;
}

/** The least of a model's resolutions that has the format's short side; the highest when none has. */
export function chooseResolution(fields: ModelFields, width: number, height: number): string | null {
  const side = Math.min(width, height);
  const choices = (fields['resolution']?.enum ?? [])
    .map((choice) => ({ choice: String(choice), lines: Number.parseInt(String(choice), 10) }))
    .filter(({ lines }) => Number.isFinite(lines))
    .sort((a, b) => a.lines - b.lines);
  return (choices.find(({ lines }) => lines >= side) ?? choices.at(-1))?.choice ?? null;
}

/** What is used of the pictures of a request. */
export function usedPictures(
  fields: ModelFields,
  request: Pick<VideoRequest, 'imagePath' | 'lastImagePath' | 'references' | 'width' | 'height'>,
  seconds: number,
): { image: string | null; lastImage: string | null; references: VideoRequest['references'] } {
  const aspect = aspectInput(fields, request.width, request.height)['aspect_ratio'];
  // They change the length and with it the price, so they are used only where they don't.
  const mayRefer =
    fields[REFERENCES] !== undefined && seconds === REFERENCE_SECONDS && aspect === REFERENCE_ASPECT;
  const references =
    mayRefer && request.imagePath === null ? request.references.slice(0, MOST_REFERENCES) : [];
  return {
    image: firstField(fields, ...imageNames) === null ? null : request.imagePath,
    lastImage:
      firstField(fields, ...lastImageNames) === null || references.length > 0 ? null : request.lastImagePath,
    references,
  };
}

/** Our options that a model has fields for. */
export function honouredVideoOptions(fields: ModelFields): string[] {
  return [
    ...(firstField(fields, 'negative_prompt') ? ['negativePrompt'] : []),
    ...(firstField(fields, 'seed') ? ['seed'] : []),
    ...(firstField(fields, ...imageNames) ? ['image'] : []),
    ...(firstField(fields, ...lastImageNames) ? ['lastImage'] : []),
    ...(firstField(fields, REFERENCES) ? ['references'] : []),
  ];
}

/** Options that somebody set and that this run does not honour. */
export function ignoredVideoOptions(
  fields: ModelFields,
  request: Pick<VideoRequest, 'negativePrompt' | 'seed' | 'imagePath' | 'lastImagePath' | 'references'>,
  used: ReturnType<typeof usedPictures>,
): string[] {
  return [
    ...(request.negativePrompt !== '' && fields['negative_prompt'] === undefined ? ['negativePrompt'] : []),
    ...(request.seed !== null && fields['seed'] === undefined ? ['seed'] : []),
    ...(request.imagePath !== used.image ? ['image'] : []),
    ...(request.lastImagePath !== used.lastImage ? ['lastImage'] : []),
    ...(request.references.length !== used.references.length ? ['references'] : []),
  ];
}

/** The input of a model, made of the fields that it has; what changes the price is always said. */
export function videoInput(
  fields: ModelFields,
  request: Pick<VideoRequest, 'prompt' | 'negativePrompt' | 'seed' | 'width' | 'height'>,
  urls: { image: string | null; lastImage: string | null; references: string[] },
  seconds: number,
  random: () => number,
): Record<string, unknown> {
  const image = firstField(fields, ...imageNames);
  const lastImage = firstField(fields, ...lastImageNames);
  const duration = chooseValue(fields, 'duration', seconds);
  const resolution = chooseResolution(fields, request.width, request.height);
  const hasFiles = urls.image !== null || urls.lastImage !== null || urls.references.length > 0;
  return {
    ...promptInput(fields, { ...request, hasFiles }, random),
    ...aspectInput(fields, request.width, request.height),
    ...(image === null || urls.image === null ? {} : { [image]: urls.image }),
    ...(lastImage === null || urls.lastImage === null ? {} : { [lastImage]: urls.lastImage }),
    ...(urls.references.length === 0 ? {} : { [REFERENCES]: urls.references }),
    ...(duration === null ? {} : { duration }),
    ...(resolution === null ? {} : { resolution }),
    // The song is the sound; made-up sound costs twice as much.
    ...(fields['generate_audio'] === undefined ? {} : { generate_audio: false }),
  };
}
