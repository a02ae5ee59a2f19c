import { AppError } from '../../shared/errors';

export const sceneHasNoPrompt = (sequence: number) =>
  new AppError({
    code: 'SceneHasNoPrompt',
    message: `Scene ${sequence} has no prompt. Write one, or send "prompt".`,
    details: { sequence },
  });

export const clipLengthUnknown = (sequence: number) =>
  new AppError({
    code: 'SceneHasNoLength',
    message: `Scene ${sequence} has no planned duration and no clip, so the clip’s length is unknown. Set a planned duration, or send "duration" in seconds.`,
    details: { sequence },
  });

export const noDescription = () =>
  new AppError({
    code: 'NoDescription',
    message: 'The project has no character description. Write one, or send "description".',
  });
