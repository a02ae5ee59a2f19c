import type { ProviderName } from '../../contract/provider.schema';
import type { PaidSettings } from '../paid/paid-run';
import { chooseProviders, type Providers } from '../provider.registry';
import type { ReplicateAccount } from '../replicate/replicate.account';
import type { SyncAccount } from '../sync/sync.account';
import type { LipsyncProvider } from './lipsync.types';
import { createReplicateLipsyncProvider } from './replicate/replicate-lipsync.provider';
import { createSyncLipsyncProvider } from './sync/sync-lipsync.provider';

export type LipsyncProviders = Providers<LipsyncProvider>;

/** The lip-sync providers that are switched on; null: no account. */
export function createLipsyncProviders(options: {
  local: LipsyncProvider;
  replicate: { account: ReplicateAccount; model: string } | null;
  sync: { account: SyncAccount; model: string } | null;
  settings: PaidSettings;
}): LipsyncProviders {
  const { local, replicate, sync, settings } = options;
  return chooseProviders('lip-sync', {
    local,
    replicate: replicate && createReplicateLipsyncProvider({ ...replicate, settings }),
    sync: sync && createSyncLipsyncProvider({ ...sync, settings }),
  } satisfies Record<ProviderName, LipsyncProvider | null>);
}
