import * as v from 'valibot';
import type { ReadAnswer } from '../paid/remote.types';
import { providerError } from '../provider.errors';

const text = v.optional(v.nullable(v.string()), null);

/** A generation as far as it is used; both spellings that the vendor has had are taken. */
export const GenerationSchema = v.object({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  status: v.string(),
  outputUrl: text,
  outputMediaUrl: text,
  outputDuration: v.optional(v.nullable(v.number()), null),
  error: v.optional(v.unknown(), null),
  error_code: text,
  errorCode: text,
});
export type Generation = v.InferOutput<typeof GenerationSchema>;

/** States that end a generation without a result; the last two are of older versions. */
const FAILURES = new Set(['FAILED', 'REJECTED', 'CANCELED', 'TIMED_OUT']);

/** What a generation's state means. A status that we don't know is waited for until the deadline. */
export function readGeneration(
  generation: Generation,
  freshUrl: string | null,
  scrub: (text: string) => string,
): ReadAnswer {
  const { status, id } = generation;
  if (status === 'COMPLETED') {
    const url = freshUrl ?? generation.outputMediaUrl ?? generation.outputUrl;
    // Outputs are fetched without the key: they are not on the API's host.
    const outputs = url === null ? [] : [{ url, headers: {} }];
    return { kind: 'succeeded', outputs, seconds: generation.outputDuration };
  }
  if (!FAILURES.has(status)) return { kind: 'waiting', started: status === 'PROCESSING' };
  const words = typeof generation.error === 'string' ? generation.error : 'no reason was given';
  const code = generation.error_code ?? generation.errorCode;
  const reason = scrub(code === null ? words : `${words} (${code})`);
  const isRejected = status === 'REJECTED';
  const charged = isRejected ? 'no' : 'unknown';
  const error = providerError({
    code: isRejected ? 'ProviderRejected' : 'ProviderFailed',
    provider: 'sync',
    remoteId: id,
    what: `sync.so ${isRejected ? 'rejected the job' : `ended the job as ${status}`}: ${reason}.`,
    charged,
    advice: isRejected
      ? 'Change the clip or the song, then retry.'
      : 'Look at the usage on sync.so; Retry starts a new one.',
    reason,
  });
  return { kind: 'ended', state: 'failed', charged, error };
}
