import type { MiddlewareHandler } from 'hono';
import type { DiskGuard } from '../system/disk.usecases';

const sizeOf = (header: string | undefined) =>
  header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : 0;

/**
 * Refuses an upload that would fill the disk before its first byte: with the size it announces, as one
 * request or (tus) as the whole of several. @throws AppError 507 `DiskNearlyFull`
 */
export function keepDiskFree(disk: Pick<DiskGuard, 'requireSpace'>): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD' && c.req.method !== 'DELETE') {
      await disk.requireSpace(
        Math.max(sizeOf(c.req.header('content-length')), sizeOf(c.req.header('upload-length'))),
      );
    }
    await next();
  };
}
