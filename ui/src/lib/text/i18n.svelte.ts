import type { Catalogue } from './en.ts';

/** The languages of the page and what they call themselves. */
export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;

const STORAGE_KEY = 'songreel.language';

const catalogues: Record<Language, () => Promise<Catalogue>> = {
  en: async () => (await import('./en.ts')).en,
  de: async () => (await import('./de.ts')).de,
};

const isLanguage = (value: string | undefined | null): value is Language =>
  value !== null && value !== undefined && Object.hasOwn(languages, value);

/** The language to begin with: the one chosen earlier, else the first of the browser's that there is. */
export function preferredLanguage(stored: string | null, wanted: readonly string[]): Language {
  if (isLanguage(stored)) return stored;
  return wanted.map((tag) => tag.split('-')[0]).find(isLanguage) ?? 'en';
}

/**
 * Every text of the page. `i18n.t` is the whole catalogue in the language that is on, so that a
 * mistyped key or a text without a translation doesn't compile. Only one language is loaded.
 */
class I18n {
  language = $state<Language>('en');
  #texts = $state.raw<Catalogue | null>(null);

  get t(): Catalogue {
    if (this.#texts === null)
      throw new Error('The texts are loaded by the root layout before anything is shown.');
    return this.#texts;
  }

  /** Loads the preferred language. Called once, by the root layout. */
  async start(): Promise<void> {
    await this.#use(preferredLanguage(localStorage.getItem(STORAGE_KEY), navigator.languages));
  }

  /** Switches the page over, without a reload, and remembers it. */
  async choose(language: Language): Promise<void> {
    await this.#use(language);
    localStorage.setItem(STORAGE_KEY, language);
  }

  async #use(language: Language): Promise<void> {
    this.#texts = await catalogues[language]();
    this.language = language;
    document.documentElement.lang = language;
  }
}

export const i18n = new I18n();
