import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Log, LogContext } from '../shared/log';
import type { Tracing } from '../shared/tracing';

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
export function logRequests(deps: {
  log: Log;
  context: LogContext;
  meter: RequestMeter;
  tracing: Tracing;
}): MiddlewareHandler {
  const { log, context, meter, tracing } = deps;
  return async (c, next) => {
    const started = performance.now();
    const requestId = c.get('requestId');
    const { method, path } = c.req;
    const options = { kind: 'server' as const, traceparent: c.req.header('traceparent') };
    await tracing.span(method, options, async (span) => {
      const ids = span.traceId === null ? { requestId } : { requestId, traceId: span.traceId };
      await context.run(ids, async () => {
        await next();
        const seconds = (performance.now() - started) / 1000;
        const { status } = c.res;
        // The handler that ran last is the one that answered.
        const route = routePath(c);
        const ms = Math.round(seconds * 10_000) / 10;
        const caller = c.get('caller')?.name;
        const { address } = c.get('client');
        const line = { method, path, status, ms, address, ...(caller === undefined ? {} : { caller }) };
        log[quiet.has(path) ? 'debug' : 'info'](line, 'request');
        meter({ method, route, status, seconds });
        span.rename(`${method} ${route}`);
        span.set({
          'http.request.method': method,
          'http.route': route,
          'http.response.status_code': status,
          'songreel.request_id': requestId,
        });
        if (status >= 500) span.fail(`HTTP ${status}`);
      });
    });
  };
}
