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
  const known = t.errors.byCode;
  const text = error.code !== undefined && Object.hasOwn(known, error.code) ? known[error.code] : undefined;
  return text === undefined ? { text: error.message, english: null } : { text, english: error.message };
}

/** Whether a job was charged, as far as `text` doesn't say so already; null: nothing to say. */
export function chargeWords(
  job: Pick<Job, 'charged' | 'costUsd'>,
  text: string,
  t: Pick<Catalogue, 'errors' | 'editor'>,
  language: string,
): string | null {
  // The studio's own words tell the charge, too.
  if (job.charged === null || /\bcharged\b/.test(text)) return null;
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
  const { text } = errorWords(error, t);
  return [text, chargeWords(job, text, t, language)].filter((part) => part !== null).join(' ');
}
