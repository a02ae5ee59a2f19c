import { AppError } from '../shared/errors';

export const mediaGone = (key: string) =>
  new AppError({
    code: 'ObjectNotFound',
    message: `There is no file ${key} in the store; it may have been deleted.`,
  });

export const rangeOutside = (range: string) =>
  new AppError({
    code: 'RangeNotSatisfiable',
    message: `The file does not have the range ${range}. Ask for one inside it.`,
  });
