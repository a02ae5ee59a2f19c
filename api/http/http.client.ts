import type { MiddlewareHandler } from 'hono';
import { AppError } from '../shared/errors';
import type { Log } from '../shared/log';
import { inNetworks } from '../shared/networks';
import { type Client, clientOf, proxyHeaderOf } from './client.rules';

declare module 'hono' {
  interface ContextVariableMap {
    client: Client;
  }
}

/**
 * Finds out who sent each request: the one place where headers of proxies are read, and only those of
 * `trustedProxies`. Must come right after the connection is remembered.
 */
export function rememberClient(deps: { trustedProxies: readonly string[]; log: Log }): MiddlewareHandler {
  const isTrusted = inNetworks(deps.trustedProxies);
  let told = false;
  return async (c, next) => {
    const peer = c.get('connection').address;
    const { url, headers } = c.req.raw;
    c.set('client', clientOf({ peer, url, headers }, isTrusted));
    if (!told && headers.has('x-forwarded-for') && !isTrusted(peer)) {
      told = true;
      deps.log.warn(
        { peer, hint: 'If this is your proxy, set TRUSTED_PROXIES to its address.' },
        'forwarded_headers_ignored',
      );
    }
    await next();
  };
}

/**
 * A studio without tokens is for its own machine alone. A request that came through a proxy comes from
 * elsewhere, whatever name and address it seems to have: proxies call from this machine, and may put
 * any name into `Host`. @throws AppError 403 `ProxyNeedsTokens`
 */
export function refuseProxied(): MiddlewareHandler {
  return async (c, next) => {
    const header = proxyHeaderOf(c.req.raw.headers.keys());
    if (header !== null) {
      throw new AppError({
        code: 'ProxyNeedsTokens',
        message: `The request came through a proxy (its header "${header.slice(0, 40)}" says so), and this studio has no tokens. To use it through a proxy, set API_TOKENS (make a token with "openssl rand -hex 32") and TRUSTED_PROXIES to the address of the proxy.`,
      });
    }
    await next();
  };
}
