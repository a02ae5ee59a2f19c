import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Scope } from '../../contract/access.schema';
import { AppError } from '../../shared/errors';
import { scopeTooSmall, tokenNeeded } from '../access/access.errors';
import { allows, bearerOf, type Caller, scopeNeeded } from '../access/access.models';
import type { AccessUsecases, Credentials } from '../access/access.usecases';
import type { CallerContext } from '../access/caller.context';
import { isOwnPage } from './http.origin';
import type { CountRefusal } from './http.rate-limit';

declare module 'hono' {
  interface ContextVariableMap {
    caller: Caller;
  }
}

export const SESSION_COOKIE = 'songreel_session';

export function credentialsOf(c: Context): Credentials {
  return {
    token: bearerOf(c.req.header('authorization')),
    cookie: getCookie(c, SESSION_COOKIE) ?? null,
  };
}

/**
 * A browser adds the cookie to whatever page makes it send a request. The cookie itself is not sent
 * for other sites (SameSite=Strict); beyond that, a request that changes something must say that the
 * studio's own page sent it. Browsers always do; programs have tokens.
 */
function requireOwnPage(c: Context): void {
  const own = isOwnPage({
    secFetchSite: c.req.header('sec-fetch-site'),
    origin: c.req.header('origin'),
    host: c.get('client').host,
  });
  if (!own) {
    throw new AppError({
      code: 'CrossSiteRequest',
      status: 403,
      message:
        'With a sign-in cookie, changes are taken from the studio’s own page only. Programs send "Authorization: Bearer …" instead.',
    });
  }
}

/**
 * Lets through who may do what the request asks, and keeps who it is as `c.get('caller')`.
 * @throws AppError 401 `TokenNeeded`, 403 `ScopeTooSmall`, 403 `CrossSiteRequest`
 */
export function requireCaller(
  access: Pick<AccessUsecases, 'authenticate'>,
  countRefusal: CountRefusal,
  needed: (method: string, path: string) => Scope = scopeNeeded,
): MiddlewareHandler {
  return async (c, next) => {
    const caller = await access.authenticate(credentialsOf(c));
    if (caller === null) {
      await countRefusal(c);
      c.header('WWW-Authenticate', 'Bearer realm="songreel"');
      throw tokenNeeded();
    }
    const scope = needed(c.req.method, c.req.path);
    if (!allows(caller.scope, scope)) throw scopeTooSmall(caller.scope, scope);
    if (caller.cookie && scope !== 'read') requireOwnPage(c);
    c.set('caller', caller);
    await next();
  };
}

/** Answers the request as one of its caller, whose URLs of media then are theirs. */
export function answerFor(callers: CallerContext): MiddlewareHandler {
  return (c, next) => callers.run(c.get('caller'), next);
}
