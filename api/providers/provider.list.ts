import type { ProviderKind, ProviderName } from '../contract/provider.schema';
import * as vendors from './index';
import type { ProviderDefinition, ProviderOf, SwitchedOn } from './provider.define';
import { chooseProviders, type Providers } from './provider.registry';

type Definitions = typeof vendors;
type Merge<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** Those that cost nothing first, then by name. */
export const providers: readonly ProviderDefinition<ProviderName>[] = Object.values(vendors).toSorted(
  (one, other) =>
    Number(one.prices !== null) - Number(other.prices !== null) || (one.name < other.name ? -1 : 1),
);

/** The environment variables of all providers. */
export const providerSettings: Merge<Definitions[keyof Definitions]['settings']> = Object.assign(
  {},
  ...providers.map(({ settings }) => settings),
);

/** Names of those that make a kind of media, whether they are switched on or not. */
export const namesOf = (kind: ProviderKind): ProviderName[] =>
  providers.flatMap(({ name, kinds }) => (kinds.includes(kind) ? [name] : []));

export type Registries = { [Kind in ProviderKind]: Providers<ProviderOf[Kind]> };

/** The providers of each kind that are switched on. */
export function createRegistries(
  on: readonly ({ name: ProviderName } & Pick<SwitchedOn, 'offers'>)[],
): Registries {
  return {
    lipsync: chooseProviders(
      'lip-sync',
      on.flatMap(({ name, offers: { lipsync: offer } }) => (offer === null ? [] : [{ name, offer }])),
    ),
    image: chooseProviders(
      'images',
      on.flatMap(({ name, offers: { image: offer } }) => (offer === null ? [] : [{ name, offer }])),
    ),
    video: chooseProviders(
      'clips',
      on.flatMap(({ name, offers: { video: offer } }) => (offer === null ? [] : [{ name, offer }])),
    ),
  };
}
