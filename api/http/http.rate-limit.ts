import type { Context, MiddlewareHandler } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../shared/errors';
import { callerKey } from './caller.rules';

const WINDOW_SECONDS = 60;

/** Takes one from what is left for a key. @throws AppError 429 `TooManyRequests` with `Retry-After` */
async function take(c: Context, limiter: RateLimiterMemory, key: string): Promise<void> {
  const tell = (left: RateLimiterRes) => {
    const reset = Math.ceil(left.msBeforeNext / 1000);
    // The IETF's draft 7 of the RateLimit header fields.
    c.header('RateLimit-Policy', `${limiter.points};w=${WINDOW_SECONDS}`);
    c.header('RateLimit', `limit=${limiter.points}, remaining=${left.remainingPoints}, reset=${reset}`);
    return reset;
  };
  try {
    tell(await limiter.consume(key));
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    c.header('Retry-After', String(tell(refused)));
    throw new AppError({
      code: 'TooManyRequests',
      message: `More than ${limiter.points} requests in a minute. Wait as long as "Retry-After" says.`,
    });
  }
}

/**
 * Counts the requests of each token in this process and refuses those over the limit. Who needs no
 * token sits at the studio's own machine and is not limited.
 */
export function limitCallers(perMinute: number): MiddlewareHandler {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: WINDOW_SECONDS });
  return async (c, next) => {
    const caller = c.get('caller');
    if (caller.name !== 'local') await take(c, limiter, callerKey(caller));
    await next();
  };
}
