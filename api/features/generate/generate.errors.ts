import { AppError } from '../../shared/errors';

export const sceneHasNoPrompt = (sequence: number) =>
  new AppError({
    code: 'SceneHasNoPrompt',
    message: `Scene ${sequence} has no prompt, so it is not known what to make. Write one, or send "prompt".`,
    details: { sequence },
  });

export const clipLengthUnknown = (sequence: number) =>
  new AppError({
    code: 'SceneHasNoLength',
    message: `Scene ${sequence} has neither a planned duration nor a clip, so it is not known how long the clip shall be. Give it a planned duration, or send "duration" in seconds.`,
    details: { sequence },
  });

export const noDescription = () =>
  new AppError({
    code: 'NoDescription',
    message:
      'It is not known what the character looks like. Send "description", or write the project’s character description.',
  });
