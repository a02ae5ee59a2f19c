import type { ProviderCall } from '../provider.types';
import type { Prediction } from './prediction';

/** Clocks differ; the vendor's may be behind ours. */
export const CLOCK_TOLERANCE_MS = 60_000;

/** URLs without what expires in them, so that they can be written down and recognised. */
export function withoutSignatures(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSignatures);
  if (typeof value !== 'string' || !/^https?:\/\//.test(value)) return value;
  return value.replace(/[?#].*$/s, '');
}

/** An input as it is written down. */
export const recordInput = (input: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(input).map(([name, value]) => [name, withoutSignatures(value)]));

/**
 * Whether a prediction of the account's list is this call's. Its input is compared field by field; each
 * call has something of its own in it (an uploaded file, or the mark at the prompt's end), so that two
 * calls for the same words are not taken for each other. Fields that the vendor added don't matter.
 */
export function isSameCall(
  call: Pick<ProviderCall, 'model' | 'request' | 'intendedAt'>,
  prediction: Prediction,
): boolean {
  const { input, created_at } = prediction;
  if (input === null) return false;
  if (created_at !== null && Date.parse(created_at) < call.intendedAt.getTime() - CLOCK_TOLERANCE_MS)
    return false;
  const [name, version] = call.model.split(':');
  if (prediction.model !== null && prediction.model !== name) return false;
  if (prediction.model === null && version !== undefined && prediction.version !== version) return false;
  const sent = Object.entries(call.request);
  return (
    sent.length > 0 &&
    sent.every(([field, value]) => Bun.deepEquals(recordInput({ field: input[field] }), { field: value }))
  );
}

/** Marks have 40 bits: two of a million calls for the same words have the same with a chance under 1 %. */
const MARK_BITS = 40;

/**
 * Spaces and tabs for the end of a prompt: no model sees them, and the list of predictions shows them.
 * For calls that have no uploaded file of their own.
 */
export function promptMark(random: () => number): string {
  return `\n${Array.from({ length: MARK_BITS }, () => (random() < 0.5 ? ' ' : '\t')).join('')}`;
}
