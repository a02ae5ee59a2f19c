import * as v from 'valibot';
import { chargedStates } from '../contract/provider.schema';

/** What a provider said of a finished run; a job's result and a take's record are made of it. */
export const RunFactsSchema = v.object({
  provider: v.string(),
  model: v.string(),
  ignoredOptions: v.array(v.string()),
  report: v.record(v.string(), v.unknown()),
  /** In US dollars; null: not known. */
  costUsd: v.optional(v.nullable(v.number()), null),
  /** What came from the provider, before it was brought to the exact frames; null: not counted. */
  receivedFrames: v.optional(v.nullable(v.number()), null),
  processingTimeSeconds: v.number(),
});
export type RunFacts = v.InferOutput<typeof RunFactsSchema>;

/** The paid call that is still open: it is ended in the transaction that stores its result. */
export const UnendedCallSchema = v.nullable(
  v.object({
    callId: v.string(),
    end: v.object({
      state: v.picklist(['refused', 'unknown', 'succeeded', 'failed', 'canceled']),
      charged: v.picklist(chargedStates),
      costUsd: v.exactOptional(v.number()),
      message: v.exactOptional(v.string()),
    }),
  }),
);
export type UnendedCall = v.InferOutput<typeof UnendedCallSchema>;

/** A finished run as it goes to the completion that stores it. */
export type Run = { facts: RunFacts; unended: UnendedCall };

/** The record of a take or a video: who made it, of what. */
export function madeByOf(
  { receivedFrames, costUsd: _, ...facts }: RunFacts,
  options: Record<string, unknown>,
): Record<string, unknown> {
  return { ...facts, ...(receivedFrames === null ? {} : { receivedFrames }), options };
}
