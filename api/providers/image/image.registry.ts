import type { ProviderName } from '../../contract/provider.schema';
import type { PaidSettings } from '../paid/paid-run';
import { chooseProviders, modelChoice, type Offer, oneModel, type Providers } from '../provider.registry';
import type { ReplicateAccount } from '../replicate/replicate.account';
import { createReplicateImageProvider } from '../replicate/replicate-image.provider';
import type { ImageProvider } from './image.types';

export type ImageProviders = Providers<ImageProvider>;

/** Those with a price in prices.json; any other can be set as the default. */
const replicateModels = [
  'google/imagen-4',
  'google/nano-banana-pro',
  'black-forest-labs/flux-1.1-pro',
  'black-forest-labs/flux-kontext-pro',
  'black-forest-labs/flux-schnell',
];

/** The image providers that are switched on; null: no account. sync.so makes no images. */
export function createImageProviders(options: {
  local: ImageProvider;
  replicate: { account: ReplicateAccount; model: string } | null;
  settings: PaidSettings;
}): ImageProviders {
  const { local, replicate, settings } = options;
  return chooseProviders('images', {
    local: oneModel(local),
    replicate: replicate && {
      models: modelChoice(replicate.model, replicateModels),
      create: (model) => createReplicateImageProvider({ account: replicate.account, model, settings }),
    },
    sync: null,
  } satisfies Record<ProviderName, Offer<ImageProvider> | null>);
}
