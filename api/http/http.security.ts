import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import { AppError } from '../shared/errors';
import { dataPolicy } from './http.csp';
import { isLoopbackName } from './http.origin';
import { MAX_JSON_BYTES } from './http.validate';

/** Half a year. Browsers take it over HTTPS alone. */
const HSTS = 'max-age=15552000';
const POLICY = 'Content-Security-Policy';

/** Headers that make browsers careful with every answer; pages bring a policy of their own. */
export function securityHeaders(): MiddlewareHandler {
  const careful = secureHeaders({
    // Other names under this one's domain are not the studio's, and may have no HTTPS.
    strictTransportSecurity: false,
    crossOriginResourcePolicy: 'same-origin',
    crossOriginOpenerPolicy: false,
    referrerPolicy: 'no-referrer',
    xFrameOptions: 'DENY',
    permissionsPolicy: { camera: [], microphone: [], geolocation: [], payment: [], usb: [] },
  });
  return async (c, next) => {
    await careful(c, next);
    const { https, host } = c.get('client');
    if (https) c.res.headers.set('Strict-Transport-Security', HSTS);
    // Elsewhere browsers ignore it, and say so as an error in the console of each page.
    if (https || isLoopbackName(host)) c.res.headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  };
}

/** The policy of every answer that has none of its own. */
export function defaultPolicy(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (!c.res.headers.has(POLICY)) c.res.headers.set(POLICY, dataPolicy);
  };
}

/** The routes whose bodies are media, which have limits of their own. */
const mediaBodies =
  /^\/api\/mv\/(uploads(\/|$)|projects\/[^/]+\/(audio|scenes\/[^/]+\/upload_(video|image))$)/;

export const takesMedia = (path: string) => mediaBodies.test(path);

/** Refuses bodies that are larger than any JSON that the API takes, before they are read. */
export function limitBodies(): MiddlewareHandler {
  const limit = bodyLimit({
    maxSize: MAX_JSON_BYTES,
    onError: () => {
      throw new AppError({ code: 'BodyTooLarge', message: 'A body has at most 1 MiB here.' });
    },
  });
  return (c, next) => (takesMedia(c.req.path) ? next() : limit(c, next));
}

/** Lets pages of other origins call the API with a token; none unless the settings name them. */
export function allowOrigins(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: [...origins],
    allowHeaders: ['Authorization', 'Content-Type', 'Prefer', 'Last-Event-ID', 'If-None-Match'],
    exposeHeaders: ['Location', 'ETag', 'X-Request-Id', 'RateLimit', 'Retry-After'],
    maxAge: 600,
  });
}
