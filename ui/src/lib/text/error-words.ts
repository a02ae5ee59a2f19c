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
