import type { ProviderName } from '../../contract/provider.schema';
import type { PaidSettings } from '../paid/paid-run';
import { chooseProviders, modelChoice, type Offer, oneModel, type Providers } from '../provider.registry';
import type { ReplicateAccount } from '../replicate/replicate.account';
import { createReplicateLipsyncProvider } from '../replicate/replicate-lipsync.provider';
import type { SyncAccount } from '../sync/sync.account';
import { createSyncLipsyncProvider } from '../sync/sync-lipsync.provider';
import type { LipsyncProvider } from './lipsync.types';

export type LipsyncProviders = Providers<LipsyncProvider>;

/** Those with a price in prices.json; any other can be set as the default. */
const replicateModels = ['sync/lipsync-2-pro', 'sync/lipsync-2', 'kwaivgi/kling-lip-sync'];
const syncModels = ['lipsync-2-pro', 'lipsync-2', 'sync-3'];

/** The lip-sync providers that are switched on; null: no account. */
export function createLipsyncProviders(options: {
  local: LipsyncProvider;
  replicate: { account: ReplicateAccount; model: string } | null;
  sync: { account: SyncAccount; model: string } | null;
  settings: PaidSettings;
}): LipsyncProviders {
  const { local, replicate, sync, settings } = options;
  return chooseProviders('lip-sync', {
    local: oneModel(local),
    replicate: replicate && {
      models: modelChoice(replicate.model, replicateModels),
      create: (model) => createReplicateLipsyncProvider({ account: replicate.account, model, settings }),
    },
    sync: sync && {
      models: modelChoice(sync.model, syncModels),
      create: (model) => createSyncLipsyncProvider({ account: sync.account, model, settings }),
    },
  } satisfies Record<ProviderName, Offer<LipsyncProvider> | null>);
}
