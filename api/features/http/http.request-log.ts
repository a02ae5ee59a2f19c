import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Log, LogContext } from '../../shared/log';

/** Probes come every few seconds and say nothing. */
const quiet = new Set(['/healthz', '/readyz', '/metrics']);

/** What is counted of each request. */
export type RequestMeter = (request: {
  method: string;
  /** The route's pattern, so that ids don't make a series each. */
  route: string;
  status: number;
  seconds: number;
}) => void;

/**
 * One line of log for each request, and its id on every line that is written while it is worked on.
 * Query strings may hold secrets of others and are left out.
 */
export function logRequests(log: Log, context: LogContext, meter: RequestMeter): MiddlewareHandler {
  return async (c, next) => {
    const started = performance.now();
    const requestId = c.get('requestId');
    await context.run({ requestId }, async () => {
      await next();
      const seconds = (performance.now() - started) / 1000;
      const { method, path } = c.req;
      const { status } = c.res;
      const ms = Math.round(seconds * 10_000) / 10;
      const caller = c.get('caller')?.name;
      const line = { method, path, status, ms, ...(caller === undefined ? {} : { caller }) };
      log[quiet.has(path) ? 'debug' : 'info'](line, 'request');
      // The handler that ran last is the one that answered.
      meter({ method, route: routePath(c), status, seconds });
    });
  };
}
