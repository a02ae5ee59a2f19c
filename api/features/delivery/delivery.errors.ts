import { AppError } from '../../shared/errors';

export const mediaUrlInvalid = () =>
  new AppError({
    code: 'MediaUrlInvalid',
    message:
      'This is not an address that the studio gave out. Read the project again and use the URLs in it.',
  });

export const mediaUrlEnded = () =>
  new AppError({
    code: 'MediaUrlEnded',
    message:
      'This address has expired, or its token was revoked. Read the project again: it has new addresses.',
  });
