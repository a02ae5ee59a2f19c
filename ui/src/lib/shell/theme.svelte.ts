export const themeChoices = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof themeChoices)[number];

/** Read by the script in app.html as well, before the first paint. */
const STORAGE_KEY = 'songreel.theme';

/** Light, dark, or as the system is; `choice` is remembered, `dark` is what is on screen. */
class Theme {
  choice = $state<ThemeChoice>('system');
  #systemIsDark = $state(false);
  readonly dark = $derived(this.choice === 'dark' || (this.choice === 'system' && this.#systemIsDark));

  /** Follows the system from now on. Called once, by the root layout. */
  start(): void {
    const stored = localStorage.getItem(STORAGE_KEY);
    this.choice = themeChoices.find((choice) => choice === stored) ?? 'system';
    const query = matchMedia('(prefers-color-scheme: dark)');
    this.#systemIsDark = query.matches;
    query.addEventListener('change', (event) => {
      this.#systemIsDark = event.matches;
      this.#show();
    });
    this.#show();
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    localStorage.setItem(STORAGE_KEY, choice);
    this.#show();
  }

  #show(): void {
    document.documentElement.dataset['theme'] = this.dark ? 'dark' : 'light';
  }
}

export const theme = new Theme();
