import type { MiddlewareHandler } from 'hono';
import { AppError } from '../shared/errors';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Where it is noted. */
type Audit = {
  record(entry: {
    requestId: string;
    caller: string;
    tokenId: string | null;
    method: string;
    path: string;
    status: number;
    error: string | null;
  }): Promise<void>;
};

/** Notes every request that was to change something, once it is known what came of it. */
export function auditChanges(audit: Audit): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (safeMethods.has(c.req.method)) return;
    const caller = c.get('caller');
    const { error } = c;
    await audit.record({
      requestId: c.get('requestId'),
      caller: caller.name,
      tokenId: caller.tokenId,
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      error: error === undefined ? null : error instanceof AppError ? error.code : error.name,
    });
  };
}
