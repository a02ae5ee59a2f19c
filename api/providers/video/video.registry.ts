import type { ProviderName } from '../../contract/provider.schema';
import type { PaidSettings } from '../paid/paid-run';
import { chooseProviders, modelChoice, type Offer, oneModel, type Providers } from '../provider.registry';
import type { ReplicateAccount } from '../replicate/replicate.account';
import { createReplicateVideoProvider } from '../replicate/replicate-video.provider';
import type { VideoProvider } from './video.types';

export type VideoProviders = Providers<VideoProvider>;

/** Those with a price in prices.json; any other can be set as the default. */
const replicateModels = [
  'google/veo-3.1-fast',
  'google/veo-3.1',
  'bytedance/seedance-1-pro',
  'kwaivgi/kling-v2.5-turbo-pro',
  'minimax/hailuo-02',
];

/** The clip providers that are switched on; null: no account. sync.so makes no clips. */
export function createVideoProviders(options: {
  local: VideoProvider;
  replicate: { account: ReplicateAccount; model: string } | null;
  settings: PaidSettings;
}): VideoProviders {
  const { local, replicate, settings } = options;
  return chooseProviders('clips', {
    local: oneModel(local),
    replicate: replicate && {
      models: modelChoice(replicate.model, replicateModels),
      create: (model) => createReplicateVideoProvider({ account: replicate.account, model, settings }),
    },
    sync: null,
  } satisfies Record<ProviderName, Offer<VideoProvider> | null>);
}
