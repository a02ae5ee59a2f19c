import { AppError } from '../../shared/errors';
import { cutText } from '../../shared/text';

export const mediaNotFound = (mediaId: string) =>
  new AppError({
    code: 'MediaNotFound',
    message: `The project has no media "${cutText(mediaId, 80)}". GET …/media lists what it has.`,
  });

export const mediaInUse = (sequences: number[]) =>
  new AppError({
    code: 'MediaInUse',
    message: `Scenes show it: ${sequences.join(', ')}. Replace it there, or delete them, then delete it.`,
    details: { sequences },
  });

export const otherKindOfMedia = () =>
  new AppError({
    code: 'OtherKindOfMedia',
    message: 'A clip can only be replaced by a clip, and an image by an image.',
  });
