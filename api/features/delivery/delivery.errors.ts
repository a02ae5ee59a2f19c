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
