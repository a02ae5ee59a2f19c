import type { Context, MiddlewareHandler } from 'hono';
import pTimeout from 'p-timeout';
import { AppError } from '../shared/errors';

/** What the HTTP server knows and can do about the connection of one request. */
export type Connection = {
  /** Where it comes from. */
  address: string;
  /** Lifts the server's idle time limit. */
  keepOpen(): void;
};

declare module 'hono' {
  interface ContextVariableMap {
    connection: Connection;
  }
}

/** Remembers the connection before anything puts another request (with a watched body) in its place. */
export function rememberConnection(connectionOf: (request: Request) => Connection): MiddlewareHandler {
  return async (c, next) => {
    c.set('connection', connectionOf(c.req.raw));
    await next();
  };
}

/** Lets a request take its time, when its body has arrived or is watched. */
export const keepOpen = (c: Context) => c.get('connection').keepOpen();

/** An upload that brings nothing for this long has broken off; a phone between two cells needs seconds. */
export const BODY_IDLE_MS = 60_000;

/** A body that fails when nothing comes for `idleMs`. @throws AppError 408 `UploadStalled` */
export function withIdleLimit(body: ReadableStream<Uint8Array>, idleMs: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await pTimeout(reader.read(), {
          milliseconds: idleMs,
          fallback: () => {
            throw uploadStalled(idleMs);
          },
        });
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        controller.error(error);
        // What else may come is nobody's any more; that the source fails as well changes nothing.
        reader.cancel(error).catch(() => undefined);
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

const uploadStalled = (idleMs: number) =>
  new AppError({
    code: 'UploadStalled',
    message: `Nothing of the upload arrived for ${Math.round(idleMs / 1000)} s, so it was given up. Send it again.`,
  });

/**
 * For uploads: the server's idle limit is lifted, as a file is stored long after its last byte, and the
 * body itself must keep coming.
 */
export function watchBody(idleMs = BODY_IDLE_MS): MiddlewareHandler {
  return async (c, next) => {
    keepOpen(c);
    const { raw } = c.req;
    if (raw.body !== null) {
      c.req.raw = new Request(raw, { body: withIdleLimit(raw.body, idleMs) });
    }
    await next();
  };
}
