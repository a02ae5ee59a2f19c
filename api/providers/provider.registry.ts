import { type ProviderName, providerNames } from '../contract/provider.schema';
import { providerNotEnabled } from './provider.errors';
import type { ProviderDescription } from './provider.types';

/** The providers of a kind that are switched on. */
export type Providers<Provider extends ProviderDescription> = {
  readonly names: readonly ProviderName[];
  /** @throws AppError 400 `ProviderNotEnabled` */
  get(name: string): Provider;
  /** In the order of `names`. */
  list(): Provider[];
};

/** Keeps those that are not null, in the house's order. */
export function chooseProviders<Provider extends ProviderDescription>(
  kind: string,
  all: Record<ProviderName, Provider | null>,
): Providers<Provider> {
  const enabled = new Map(
    providerNames.flatMap((name) => {
      const provider = all[name];
      return provider === null ? [] : [[name as string, provider] as const];
    }),
  );
  const names = providerNames.filter((name) => enabled.has(name));
  return {
    names,
    get(name) {
      const provider = enabled.get(name);
      if (provider === undefined) throw providerNotEnabled(kind, name, names);
      return provider;
    },
    list: () => [...enabled.values()],
  };
}
