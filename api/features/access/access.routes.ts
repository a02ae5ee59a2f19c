import { type Context, Hono } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { describeRoute } from 'hono-openapi';
import { SessionSchema, SignInSchema } from '../../contract/access.schema';
import { tokenUnknown } from '../../http/caller.errors';
import { credentialsOf, SESSION_COOKIE } from '../../http/http.access';
import { answers } from '../../http/http.documentation';
import type { GuessGuard } from '../../http/http.guesses';
import { jsonBody } from '../../http/http.validate';
import { type AccessUsecases, SESSION_DAYS } from './access.usecases';

const tags = ['Access'];

/**
 * Whether the cookie may be kept from plain HTTP: the client came over HTTPS, or its browser says that the
 * page did (behind a proxy that TRUSTED_PROXIES doesn't name). A wrong claim only loses the cookie.
 */
const overHttps = (c: Context) =>
  c.get('client').https || (c.req.header('origin') ?? '').startsWith('https://');

/** Signing in and out, for who has no session yet: before everything that asks for a token. */
export const signInRoutes = (access: Pick<AccessUsecases, 'signIn' | 'signOut'>, guesses: GuessGuard) =>
  new Hono()
    .post(
      '/session',
      describeRoute({
        tags,
        summary: 'Sign a browser in with a token; it then holds a cookie that no script can read',
        security: [],
        responses: answers(SessionSchema, { status: 201, text: 'Signed in.', errors: [400, 401, 429] }),
      }),
      jsonBody(SignInSchema),
      async (c) => {
        const { token } = c.req.valid('json');
        const signedIn = await guesses.look(
          c,
          () => access.signIn(token),
          (found) => found === null,
        );
        if (signedIn === null) throw tokenUnknown();
        const { caller, cookie } = signedIn;
        if (cookie !== null) {
          setCookie(c, SESSION_COOKIE, cookie, {
            httpOnly: true,
            sameSite: 'Strict',
            secure: overHttps(c),
            path: '/',
            maxAge: SESSION_DAYS * 24 * 60 * 60,
          });
        }
        return c.json({ name: caller.name, scope: caller.scope, cookie: caller.cookie }, 201);
      },
    )
    .delete(
      '/session',
      describeRoute({
        tags,
        summary: 'Sign this browser out',
        security: [],
        responses: { 204: { description: 'Signed out.' } },
      }),
      async (c) => {
        const { cookie } = credentialsOf(c);
        if (cookie !== null) await access.signOut(cookie);
        deleteCookie(c, SESSION_COOKIE, { path: '/' });
        return c.body(null, 204);
      },
    );

/** Who is asking. */
export const sessionRoutes = () =>
  new Hono().get(
    '/session',
    describeRoute({
      tags,
      summary: 'Who this token or cookie stands for, and what it allows',
      responses: answers(SessionSchema, { text: 'The caller.', errors: [401] }),
    }),
    (c) => {
      const { name, scope, cookie } = c.get('caller');
      return c.json({ name, scope, cookie }, 200);
    },
  );
