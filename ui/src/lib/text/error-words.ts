import type { Job } from '#contract/job.schema';
import { dollars } from '../format/time.ts';
import type { Catalogue } from './en.ts';

/**
 * What to say of an error: `text` in the page's language, and what the API said in English where that
 * is another (it has the names and numbers). Without a translation the API's words are the text.
 */
export type ErrorWords = { text: string; english: string | null };

/** The words for an error of the API or of one of its jobs. */
export function errorWords(
  error: { code?: string; message: string },
  t: Pick<Catalogue, 'errors'>,
): ErrorWords {
  if (error.code === 'Unreachable') return { text: t.errors.unreachable, english: null };
  const { code, message } = error;
  const known = t.errors.byCode;
  if (known === null || code === undefined || !has(known, code)) return { text: message, english: null };
  return { text: known[code], english: message };
}

const has = <Known extends object>(known: Known, code: string): code is keyof Known & string =>
  Object.hasOwn(known, code);

/** Whether the API's own words for an error say if it was charged: they do where its details have it. */
const tellsCharge = (details: unknown) =>
  typeof details === 'object' && details !== null && 'charged' in details;

/** Whether a job was charged, as far as `words` for its error don't say so already; null: nothing to say. */
export function chargeWords(
  job: Pick<Job, 'charged' | 'costUsd' | 'error'>,
  words: ErrorWords,
  t: Pick<Catalogue, 'errors' | 'editor'>,
  language: string,
): string | null {
  if (job.charged === null) return null;
  // Translated sentences leave it to the page.
  if (words.english === null && tellsCharge(job.error?.details)) return null;
  if (job.charged === 'no') return t.errors.notCharged;
  if (job.charged === 'unknown') return t.errors.chargeUnknown;
  return job.costUsd === null ? t.editor.wasCharged : t.errors.charged(dollars(job.costUsd, language));
}

/** All there is to say in one line of a job that failed: what went wrong, and whether it was charged. */
export function failureText(
  error: NonNullable<Job['error']>,
  job: Pick<Job, 'charged' | 'costUsd'>,
  t: Pick<Catalogue, 'errors' | 'editor'>,
  language: string,
): string {
  const words = errorWords(error, t);
  const { charged, costUsd } = job;
  return [words.text, chargeWords({ charged, costUsd, error }, words, t, language)]
    .filter((part) => part !== null)
    .join(' ');
}
