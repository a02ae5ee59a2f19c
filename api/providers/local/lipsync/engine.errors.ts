import { AppError } from '../../../shared/errors';

/** No frame of the clip shows a face; told before anything is encoded. */
export function noFaceFound(): AppError {
  return new AppError({
    code: 'NoFaceFound',
    message:
      'No face was found in this clip. Use a clip in which a face looks towards the camera and is at least 48 pixels high, not wholly in the dark or covered.',
  });
}
