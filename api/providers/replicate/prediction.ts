import * as v from 'valibot';
import type { OutputPlace, ReadAnswer } from '../paid/remote.types';
import { providerError } from '../provider.errors';

/** A prediction as far as it is used; everything else may be there or not. */
export const PredictionSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  model: v.optional(v.nullable(v.string()), null),
  version: v.optional(v.nullable(v.string()), null),
  input: v.optional(v.nullable(v.record(v.string(), v.unknown())), null),
  status: v.string(),
  output: v.optional(v.unknown(), null),
  error: v.optional(v.unknown(), null),
  data_removed: v.optional(v.nullable(v.boolean()), false),
  created_at: v.optional(v.nullable(v.string()), null),
  started_at: v.optional(v.nullable(v.string()), null),
});
export type Prediction = v.InferOutput<typeof PredictionSchema>;

/** What the vendor's own codes, which stand in its texts, mean for people. */
const runCodes: [code: string, text: string, charged: 'no' | 'unknown'][] = [
  ['E1001', 'the model ran out of memory', 'unknown'],
  ['E6716', 'the model did not start in time', 'no'],
];

const url = v.pipe(v.string(), v.minLength(1));

/** Where the outputs are; `headersFor` gives what a URL needs (the token, at the API's own host only). */
export function outputPlaces(
  output: unknown,
  headersFor: (url: string) => Record<string, string>,
): OutputPlace[] {
  const parsed = v.safeParse(v.union([url, v.array(url)]), output);
  if (!parsed.success) return [];
  return [parsed.output].flat().map((text) => {
    const data = /^data:[^,]*?(;base64)?,(.*)$/s.exec(text);
    if (data === null) return { url: text, headers: headersFor(text) };
    const body = data[2] ?? '';
    return { bytes: Buffer.from(data[1] ? body : decodeURIComponent(body), data[1] ? 'base64' : 'utf8') };
  });
}

/** What a prediction's state means. A status that we don't know is waited for until the deadline. */
export function readPrediction(
  prediction: Prediction,
  headersFor: (url: string) => Record<string, string>,
  scrub: (text: string) => string,
): ReadAnswer {
  const { status, id, started_at } = prediction;
  const base = { provider: 'replicate', remoteId: id } as const;
  const wasStarted = started_at !== null;
  if (status === 'succeeded') {
    const outputs = prediction.data_removed ? [] : outputPlaces(prediction.output, headersFor);
    return { kind: 'succeeded', outputs, seconds: null };
  }
  if (status === 'failed') {
    const reason = scrub(typeof prediction.error === 'string' ? prediction.error : 'no reason was given');
    const known = runCodes.find(([code]) => reason.includes(code));
    const charged = known?.[2] ?? (wasStarted ? 'unknown' : 'no');
    const error = providerError({
      ...base,
      code: 'ProviderFailed',
      what: `Replicate’s model failed: ${known === undefined ? reason : `${known[1]} (${known[0]})`}`.replace(
        /\.*$/,
        '.',
      ),
      charged,
      advice: 'Retry starts a new one; a shorter clip or another model may do better.',
      reason,
    });
    return { kind: 'ended', state: 'failed', charged, error };
  }
  if (status === 'aborted' || status === 'canceled') {
    const charged = status === 'aborted' || !wasStarted ? 'no' : 'yes';
    const error = providerError({
      ...base,
      code: status === 'aborted' ? 'ProviderAborted' : 'ProviderCanceled',
      what:
        status === 'aborted'
          ? 'Replicate did not start the job before its deadline.'
          : 'The job was canceled at Replicate, by its deadline or by somebody there.',
      charged,
      advice: 'Retry starts a new one.',
      reason: status,
    });
    return { kind: 'ended', state: 'canceled', charged, error };
  }
  return { kind: 'waiting', started: wasStarted || status === 'processing' };
}
