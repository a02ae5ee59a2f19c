import type { ProviderFacts } from '#contract/provider.schema';
import { i18n } from '#lib/text/i18n.svelte.ts';

/** Who is chosen for a piece of work. `ProviderField` fills it in. */
export class ProviderChoice {
  /** The chosen provider's model; null while nobody is chosen. */
  facts = $state.raw<ProviderFacts | null>(null);
  /** Whether the project's budget allows it. */
  affordable = $state(true);

  /** Whether the model does not have an option. It is shown then, but can't be set. */
  lacks(option: string): boolean {
    return this.facts !== null && !this.facts.options.includes(option);
  }

  /** What is said below an option that the model does not have. */
  get lacking(): string {
    if (this.facts === null) return '';
    const { name, label } = this.facts;
    return i18n.t.provider.lacks(name === 'local' ? i18n.t.versions.local : label);
  }

  /** The choice as a part of a request; empty while nobody is chosen. */
  get request(): { provider?: ProviderFacts['name']; model?: string } {
    return this.facts === null ? {} : { provider: this.facts.name, model: this.facts.model };
  }
}
