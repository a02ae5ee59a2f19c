import type { ProviderName } from '../contract/provider.schema';
import { modelNotOffered, providerNotEnabled } from './provider.errors';
import type { ProviderDescription } from './provider.types';

/** A provider that is switched on: the models that can be chosen, its default first, and how it is made. */
export type Offer<Provider extends ProviderDescription> = {
  models: readonly string[];
  create(model: string): Provider;
};

/** The providers of a kind that are switched on. */
export type Providers<Provider extends ProviderDescription> = {
  readonly names: readonly ProviderName[];
  /**
   * The provider's default model when none is named.
   * @throws AppError 400 `ProviderNotEnabled`, `ModelNotOffered`
   */
  get(name: string, model?: string): Provider;
  /**
   * For a job that was taken when its model was offered: settings may have changed since.
   * @throws AppError 400 `ProviderNotEnabled`
   */
  make(name: string, model: string): Provider;
  /** One for each model, in the order of `names`, the default model of each first. */
  list(): Provider[];
};

/** An offer of one model. */
export const oneModel = <Provider extends ProviderDescription>(provider: Provider): Offer<Provider> => ({
  models: [provider.model],
  create: () => provider,
});

/** The models that can be chosen: the one of the settings first, then the others that are known. */
export const modelChoice = (chosen: string, known: readonly string[]): string[] => [
  chosen,
  ...known.filter((model) => model !== chosen),
];

/** The providers of one kind, in the order given. `title` says in texts what they make. */
export function chooseProviders<Provider extends ProviderDescription>(
  title: string,
  offers: readonly { name: ProviderName; offer: Offer<Provider> }[],
): Providers<Provider> {
  const enabled = new Map(
    offers.map(({ name, offer }) => {
      const made = new Map(offer.models.map((model) => [model, offer.create(model)]));
      return [name as string, { name, made, create: offer.create }] as const;
    }),
  );
  const names = offers.map(({ name }) => name);
  function offerOf(name: string) {
    const offer = enabled.get(name);
    if (offer === undefined) throw providerNotEnabled(title, name, names);
    return offer;
  }
  return {
    names,
    make(name, model) {
      const { made, create } = offerOf(name);
      return made.get(model) ?? create(model);
    },
    get(name, model) {
      const offer = offerOf(name);
      const [first] = offer.made.values();
      const provider = model === undefined ? first : offer.made.get(model);
      if (provider === undefined) throw modelNotOffered(offer.name, model ?? '', [...offer.made.keys()]);
      return provider;
    },
    list: () => [...enabled.values()].flatMap(({ made }) => [...made.values()]),
  };
}
