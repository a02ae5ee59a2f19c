import { AppError } from '../shared/errors';

/** A completion that comes too late: its change is rolled back, its objects are deleted. */
export const jobEnded = () =>
  new AppError({
    code: 'JobAlreadyEnded',
    message: 'The job was canceled or had already ended; its result was not used.',
  });

export const sceneGone = () =>
  new AppError({
    code: 'SceneNotFound',
    message: 'The scene was deleted, so the result was not used.',
  });

/** The first two files of a batch. */
export function twoFiles<File>(files: File[]): [File, File] {
  const [first, second] = files;
  if (first === undefined || second === undefined) {
    throw new Error('Two files were expected in the batch.');
  }
  return [first, second];
}
