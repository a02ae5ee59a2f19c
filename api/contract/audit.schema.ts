import * as v from 'valibot';
import { IdSchema } from './ids.schema';

/** One request that was to change something. */
export const AuditEntrySchema = v.object({
  id: v.number(),
  at: v.string(),
  requestId: v.string(),
  /** The name of the token, or `local`. */
  caller: v.string(),
  tokenId: v.nullable(IdSchema),
  method: v.string(),
  path: v.string(),
  projectId: v.nullable(IdSchema),
  status: v.number(),
  /** The error's code when it was refused or failed. */
  error: v.nullable(v.string()),
});
export type AuditEntry = v.InferOutput<typeof AuditEntrySchema>;

export const AuditPageSchema = v.object({
  entries: v.array(AuditEntrySchema),
  /** Give it as `before` for the page after this one; null on the last. */
  next: v.nullable(v.number()),
});
export type AuditPage = v.InferOutput<typeof AuditPageSchema>;

const whole = (name: string) =>
  v.pipe(v.string(), v.regex(/^\d{1,15}$/, `${name} must be a whole number.`), v.transform(Number));

export const AuditQuerySchema = v.strictObject({
  limit: v.optional(
    v.pipe(
      whole('limit'),
      v.minValue(1, 'limit must be at least 1.'),
      v.maxValue(500, 'limit must be at most 500.'),
    ),
    '100',
  ),
  before: v.optional(whole('before')),
  projectId: v.optional(IdSchema),
});
export type AuditQuery = v.InferOutput<typeof AuditQuerySchema>;
