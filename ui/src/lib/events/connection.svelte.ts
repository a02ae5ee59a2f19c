import { SvelteSet } from 'svelte/reactivity';

/** Whether the page is in touch with the studio. Whoever talks to it by itself reports here. */
class Connection {
  readonly #lost = new SvelteSet<string>();
  #retries: (() => void)[] = [];

  get lost(): boolean {
    return this.#lost.size > 0;
  }

  /** `source` names who reports: an event stream's address, the list of jobs. */
  set(source: string, state: 'fine' | 'lost'): void {
    if (state === 'lost') this.#lost.add(source);
    else this.#lost.delete(source);
  }

  /** Is called when somebody wants the connection tried at once. Returns how to stop that. */
  onRetry(retry: () => void): () => void {
    this.#retries.push(retry);
    return () => {
      this.#retries = this.#retries.filter((other) => other !== retry);
    };
  }

  retryNow(): void {
    for (const retry of this.#retries) retry();
  }
}

export const connection = new Connection();
