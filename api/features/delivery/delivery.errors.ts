import { AppError } from '../../shared/errors';

export const mediaUrlInvalid = () =>
  new AppError({
    code: 'MediaUrlInvalid',
    status: 403,
    message:
      'This is not an address that the studio gave out. Read the project again and use the URLs in it.',
  });

export const mediaUrlEnded = () =>
  new AppError({
    code: 'MediaUrlEnded',
    status: 403,
    message:
      'This address has expired, or its token was revoked. Read the project again: it has new addresses.',
  });

export const mediaGone = (key: string) =>
  new AppError({
    code: 'ObjectNotFound',
    status: 404,
    message: `There is no file ${key} in the store; it may have been deleted.`,
  });

export const rangeOutside = (range: string) =>
  new AppError({
    code: 'RangeNotSatisfiable',
    status: 416,
    message: `The file does not have the range ${range}. Ask for one inside it.`,
  });
