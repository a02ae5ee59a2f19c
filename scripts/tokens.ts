import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { readProcessConfig } from '../api/config';
import { ScopeSchema } from '../api/contract/access.schema';
import type { AccessUsecases } from '../api/features/access/access.usecases';
import { createServices } from '../api/services';
import { AppError } from '../api/shared/errors';
import { runCommand } from './lib/command-line';

const usage = `bun run tokens -- create NAME [--scope read|edit|admin]   makes a token (edit unless told) and shows it once
bun run tokens -- list                                    shows names, scopes and last use
bun run tokens -- revoke NAME                             ends a token and all its sessions at once`;

const badUse = (why: string) => new AppError({ code: 'BadUse', message: `${why}\n${usage}` });

function readName(name: string | undefined): string {
  if (name === undefined || !/^[\p{L}\p{N} ._-]{1,60}$/u.test(name)) {
    throw badUse('A token needs a name of up to 60 letters, digits, spaces, dots, dashes or underscores.');
  }
  return name;
}

async function create(access: AccessUsecases, name: string, scope: string): Promise<void> {
  const parsed = v.safeParse(ScopeSchema, scope);
  if (!parsed.success) throw badUse(`The scope ${parsed.issues[0].message}.`);
  const token = await access.createToken(name, parsed.output);
  console.log(`${token}\nKeep it now: it is not shown again. Scope: ${parsed.output}.`);
}

async function list(access: AccessUsecases): Promise<void> {
  const tokens = await access.listTokens();
  if (tokens.length === 0) console.log('There are no tokens besides those of API_TOKENS.');
  const day = (date: Date | null) => date?.toISOString().slice(0, 16).replace('T', ' ') ?? 'never';
  for (const { name, scope, createdAt, lastUsedAt, revokedAt } of tokens) {
    const state = revokedAt === null ? `last used ${day(lastUsedAt)}` : `revoked ${day(revokedAt)}`;
    console.log(`${name.padEnd(24)} ${scope.padEnd(6)} made ${day(createdAt)}, ${state}`);
  }
}

/** Makes, lists and revokes the named tokens of a studio that others can reach. */
await runCommand(async () => {
  const { positionals, values } = parseArgs({
    args: process.argv.slice(2),
    options: { scope: { type: 'string', default: 'edit' } },
    allowPositionals: true,
  });
  const [action, name] = positionals;
  if (action === undefined || !['create', 'list', 'revoke'].includes(action))
    throw badUse('What is to be done?');
  const services = await createServices(readProcessConfig({ LOG_LEVEL: 'warn' }));
  try {
    if (action === 'create') await create(services.access, readName(name), values.scope);
    if (action === 'list') await list(services.access);
    if (action === 'revoke') {
      await services.access.revokeToken(readName(name));
      console.log(`The token "${name}" and its sessions have ended.`);
    }
  } finally {
    await services.stop({ graceMs: 0 });
  }
});
