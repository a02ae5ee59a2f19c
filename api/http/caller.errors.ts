import type { Scope } from '../contract/access.schema';
import { AppError } from '../shared/errors';

export const tokenNeeded = () =>
  new AppError({
    code: 'TokenNeeded',
    message:
      'This studio needs a token: send "Authorization: Bearer …", or sign in on its page. Whoever runs it makes one with "bun run tokens -- create NAME".',
  });

export const tokenUnknown = () =>
  new AppError({
    code: 'TokenUnknown',
    message: 'This token isn’t valid: it was mistyped or revoked.',
  });

export const scopeTooSmall = (has: Scope, needed: Scope) =>
  new AppError({
    code: 'ScopeTooSmall',
    message: `This needs a token with the scope "${needed}"; yours has "${has}".`,
    details: { scope: has, needed },
  });
