import type { ProviderUsecases } from '../../provider-work/providers.usecases';
import { providerRoutes } from './providers.routes';

/** Who makes what, and what it costs. */
export const providersFeature = (given: { providers: Pick<ProviderUsecases, 'list'> }) => ({
  routes: providerRoutes(given.providers),
});
