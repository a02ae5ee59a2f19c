import type { Catalogue } from './en.ts';

type Entry = { name: string; load(): Promise<Catalogue> };

/**
 * The languages of the page: what each calls itself and its texts, which are loaded when it is chosen.
 * A new one is a copy of `en.ts` with its own words, and a line here; a missing text doesn't compile.
 */
export const languages = {
  en: { name: 'English', load: async () => (await import('./en.ts')).en },
  de: { name: 'Deutsch', load: async () => (await import('./de.ts')).de },
} satisfies Record<string, Entry>;

export type Language = keyof typeof languages;

export const isLanguage = (value: string | undefined | null): value is Language =>
  value !== null && value !== undefined && Object.hasOwn(languages, value);

export const languageCodes: readonly Language[] = Object.keys(languages).filter(isLanguage);

/** The language to begin with: the one chosen earlier, else the first of the browser's that there is. */
export function preferredLanguage(stored: string | null, wanted: readonly string[]): Language {
  if (isLanguage(stored)) return stored;
  return wanted.map((tag) => tag.split('-')[0]).find(isLanguage) ?? 'en';
}
