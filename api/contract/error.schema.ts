import * as v from 'valibot';

/**
 * Every error of the API: `error` is for programs, `message` says what is wrong and what to do. The codes are
 * in error.catalogue.ts; one that was stored by another version of the studio may be none of them.
 */
export const ErrorSchema = v.object({
  error: v.string(),
  message: v.string(),
  details: v.optional(v.unknown()),
});

export type ErrorBody = v.InferOutput<typeof ErrorSchema>;
