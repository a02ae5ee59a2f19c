import { AppError } from '../../shared/errors';

export const tokenNameTaken = (name: string) =>
  new AppError({
    code: 'TokenNameTaken',
    message: `There is or was a token named "${name}". Choose another name: the audit log tells tokens by theirs.`,
  });

export const tokenNameReserved = (name: string) =>
  new AppError({
    code: 'TokenNameReserved',
    message: `"${name}" stands for the tokens of the settings, or for a studio without any, in the audit log. Choose another name.`,
  });

export const noSuchToken = (name: string) =>
  new AppError({
    code: 'TokenNotFound',
    message: `No token in use is named "${name}". "bun run tokens -- list" shows them.`,
  });
