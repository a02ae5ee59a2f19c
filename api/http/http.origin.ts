import type { Context, MiddlewareHandler } from 'hono';
import { AppError } from '../shared/errors';
import { cutText } from '../shared/text';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a browser says that a page of another site sent the request. Programs send neither header. */
export function isCrossSite(headers: {
  secFetchSite: string | undefined;
  origin: string | undefined;
  host: string | undefined;
}): boolean {
  if (headers.secFetchSite !== undefined) {
    return headers.secFetchSite !== 'same-origin' && headers.secFetchSite !== 'none';
  }
  if (headers.origin === undefined) return false;
  return !URL.canParse(headers.origin) || new URL(headers.origin).host !== headers.host;
}

/** Whether a browser says that the studio's own page sent the request. */
export function isOwnPage(headers: Parameters<typeof isCrossSite>[0]): boolean {
  const said = headers.secFetchSite !== undefined || headers.origin !== undefined;
  return said && headers.secFetchSite !== 'none' && !isCrossSite(headers);
}

/**
 * Pages of other sites must not change anything here, nor act for a user of this machine; but for
 * those of `allowedOrigins`, which the settings name.
 */
export function refuseOtherSites(allowedOrigins: readonly string[] = []): MiddlewareHandler {
  return async (c, next) => {
    const allowed = allowedOrigins.includes(c.req.header('origin') ?? '');
    const crossSite = isCrossSite({
      secFetchSite: c.req.header('sec-fetch-site'),
      origin: c.req.header('origin'),
      host: c.get('client').host,
    });
    if (!safeMethods.has(c.req.method) && crossSite && !allowed) {
      throw new AppError({
        code: 'CrossSiteRequest',
        message: 'Requests from pages of other sites are refused. Open the studio itself.',
      });
    }
    await next();
  };
}

const loopbackNames = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/** Whether a `Host` is one of this machine's own names. */
export const isLoopbackName = (host: string) => loopbackNames.test(host);

/** The name under which a browser thinks it is at the studio itself; null: it does not say. */
function nameInBrowser(c: Context): string | null {
  const origin = c.req.header('origin');
  if (c.req.header('sec-fetch-site') !== 'same-origin' || origin === undefined) return null;
  return URL.canParse(origin) ? new URL(origin).host : origin;
}

/**
 * A studio for this machine alone answers only to this machine's names: a foreign name that resolves
 * to 127.0.0.1 (DNS rebinding) would make another site look like the studio itself. A proxy that puts
 * a name of this machine into `Host` is told by the name that the browser has.
 */
export function allowLocalHosts(): MiddlewareHandler {
  return async (c, next) => {
    const foreign = [c.get('client').host, nameInBrowser(c)].find(
      (name) => name !== null && !isLoopbackName(name),
    );
    if (typeof foreign === 'string') {
      throw new AppError({
        code: 'UnknownHost',
        message: `This studio answers on this machine only, not as "${cutText(foreign, 80)}". Open it as localhost, or set HOST and API_TOKENS.`,
      });
    }
    await next();
  };
}
