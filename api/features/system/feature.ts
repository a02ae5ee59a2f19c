import type { Database } from '../../../db/connect';
import type { ProviderUsecases } from '../../provider-work/providers.usecases';
import { studioRoutes } from './studio.routes';
import { createStudioUsecases } from './studio.usecases';

/** What this studio is. Health, figures and documentation lie outside the API, so the app mounts them by itself. */
export const systemFeature = (given: {
  sql: Database;
  version: string;
  providers: Pick<ProviderUsecases, 'defaults'>;
  maxUploadBytes: number;
  sampleAvailable: boolean;
}) => ({
  routes: studioRoutes(
    createStudioUsecases({
      sql: given.sql,
      version: given.version,
      providers: given.providers.defaults(),
      maxUploadBytes: given.maxUploadBytes,
      sample: given.sampleAvailable,
    }),
  ),
});
