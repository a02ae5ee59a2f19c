import type { Catalogue } from './en.ts';
import { type Language, languages, preferredLanguage } from './languages.ts';

const STORAGE_KEY = 'songreel.language';

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
    this.#texts = await languages[language].load();
    this.language = language;
    document.documentElement.lang = language;
  }
}

export const i18n = new I18n();
