import * as v from 'valibot';

/** Every error of the API: `error` is for programs, `message` says what is wrong and what to do. */
export const ErrorSchema = v.object({
  error: v.string(),
  message: v.string(),
  details: v.optional(v.unknown()),
});

export type ErrorBody = v.InferOutput<typeof ErrorSchema>;
