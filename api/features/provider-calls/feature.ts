import type { ProviderCallUsecases } from '../../provider-work/provider-calls.usecases';
import { ledgerRoutes } from './provider-calls.routes';

/** What projects have cost. */
export const providerCallsFeature = (given: { calls: ProviderCallUsecases }) => ({
  routes: ledgerRoutes(given.calls),
});
