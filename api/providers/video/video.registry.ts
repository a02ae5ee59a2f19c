import type { ProviderName } from '../../contract/provider.schema';
import type { PaidSettings } from '../paid/paid-run';
import { chooseProviders, type Providers } from '../provider.registry';
import type { ReplicateAccount } from '../replicate/replicate.account';
import { createReplicateVideoProvider } from './replicate/replicate-video.provider';
import type { VideoProvider } from './video.types';

export type VideoProviders = Providers<VideoProvider>;

/** The clip makers that are switched on; null: no account. sync.so makes no clips. */
export function createVideoProviders(options: {
  local: VideoProvider;
  replicate: { account: ReplicateAccount; model: string } | null;
  settings: PaidSettings;
}): VideoProviders {
  const { local, replicate, settings } = options;
  return chooseProviders('clips', {
    local,
    replicate: replicate && createReplicateVideoProvider({ ...replicate, settings }),
    sync: null,
  } satisfies Record<ProviderName, VideoProvider | null>);
}
