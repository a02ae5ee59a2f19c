import type { ProviderName } from '../../contract/provider.schema';
import type { PaidSettings } from '../paid/paid-run';
import { chooseProviders, type Providers } from '../provider.registry';
import type { ReplicateAccount } from '../replicate/replicate.account';
import type { ImageProvider } from './image.types';
import { createReplicateImageProvider } from './replicate/replicate-image.provider';

export type ImageProviders = Providers<ImageProvider>;

/** The image makers that are switched on; null: no account. sync.so makes no images. */
export function createImageProviders(options: {
  local: ImageProvider;
  replicate: { account: ReplicateAccount; model: string } | null;
  settings: PaidSettings;
}): ImageProviders {
  const { local, replicate, settings } = options;
  return chooseProviders('images', {
    local,
    replicate: replicate && createReplicateImageProvider({ ...replicate, settings }),
    sync: null,
  } satisfies Record<ProviderName, ImageProvider | null>);
}
