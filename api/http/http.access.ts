import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Scope } from '../contract/access.schema';
import { AppError } from '../shared/errors';
import type { CallerContext } from './caller.context';
import { scopeTooSmall, tokenNeeded, tokenUnknown } from './caller.errors';
import { allows, bearerOf, type Caller, type Credentials, scopeNeeded } from './caller.rules';
import type { GuessGuard } from './http.guesses';
import { isOwnPage } from './http.origin';

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
      message:
        'With a sign-in cookie, changes are taken from the studio’s own page only. Programs send "Authorization: Bearer …" instead.',
    });
  }
}

/** Who sent a request; null: nobody that is known. @throws AppError 429 `TooManyWrongTokens` */
export type Identify = (c: Context) => Promise<Caller | null>;

/** How callers are looked up. */
type Access = {
  tokensNeeded: boolean;
  authenticate(credentials: Credentials): Promise<Caller | null>;
  wasRevoked(token: string): Promise<boolean>;
};

/** The one way from a request's credentials to its caller: guesses of tokens are slowed down. */
export function createIdentify(access: Access, guesses: GuessGuard): Identify {
  return async (c) => {
    const credentials = credentialsOf(c);
    const { token } = credentials;
    if (!access.tokensNeeded || token === null) return access.authenticate(credentials);
    const lookUp = async () => {
      const caller = await access.authenticate(credentials);
      // A program that was forgotten when its token was revoked must not shut out those beside it.
      return { caller, isGuess: caller === null && !(await access.wasRevoked(token)) };
    };
    return (await guesses.look(c, lookUp, ({ isGuess }) => isGuess)).caller;
  };
}

/**
 * Lets through who may do what the request asks, and keeps who it is as `c.get('caller')`.
 * @throws AppError 401 `TokenNeeded` or `TokenUnknown`, 403 `ScopeTooSmall`, 403 `CrossSiteRequest`,
 * 429 `TooManyWrongTokens`
 */
export function requireCaller(
  identify: Identify,
  needed: (method: string, path: string) => Scope = scopeNeeded,
): MiddlewareHandler {
  return async (c, next) => {
    const caller = await identify(c);
    if (caller === null) {
      c.header('WWW-Authenticate', 'Bearer realm="songreel"');
      throw credentialsOf(c).token === null ? tokenNeeded() : tokenUnknown();
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
