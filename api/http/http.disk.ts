import type { MiddlewareHandler } from 'hono';

const sizeOf = (header: string | undefined) =>
  header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : 0;

/**
 * Refuses an upload that would fill the disk before its first byte: with the size it announces, as one
 * request or (tus) as the whole of several. PATCH sends parts of what was announced and has its room.
 * @throws AppError 507 `DiskNearlyFull`
 */
export function requireDiskSpace(space: {
  requireSpace(neededBytes: number): Promise<void>;
}): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.method === 'POST' || c.req.method === 'PUT') {
      await space.requireSpace(
        Math.max(sizeOf(c.req.header('content-length')), sizeOf(c.req.header('upload-length'))),
      );
    }
    await next();
  };
}
