import type { Scope } from '../../contract/access.schema';
import { AppError } from '../../shared/errors';

export const tokenNeeded = () =>
  new AppError({
    code: 'TokenNeeded',
    status: 401,
    message:
      'This studio needs a token: send "Authorization: Bearer …", or sign in on its page. Whoever runs it makes one with "bun run tokens -- create NAME".',
  });

export const tokenUnknown = () =>
  new AppError({
    code: 'TokenUnknown',
    status: 401,
    message: 'The studio did not accept this token: it is mistyped or was revoked.',
  });

export const scopeTooSmall = (has: Scope, needed: Scope) =>
  new AppError({
    code: 'ScopeTooSmall',
    status: 403,
    message: `This needs a token with the scope "${needed}"; yours has "${has}".`,
    details: { scope: has, needed },
  });

export const tokenNameTaken = (name: string) =>
  new AppError({
    code: 'TokenNameTaken',
    status: 409,
    message: `There is or was a token named "${name}". Choose another name: the audit log tells tokens by theirs.`,
  });

export const tokenNameReserved = (name: string) =>
  new AppError({
    code: 'TokenNameReserved',
    status: 422,
    message: `"${name}" stands for the tokens of the settings, or for a studio without any, in the audit log. Choose another name.`,
  });

export const noSuchToken = (name: string) =>
  new AppError({
    code: 'TokenNotFound',
    status: 404,
    message: `No token in use is named "${name}". "bun run tokens -- list" shows them.`,
  });
