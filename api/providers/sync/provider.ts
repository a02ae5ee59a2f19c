import * as v from 'valibot';
import { settingUrl } from '../../shared/setting.schema';
import { defineProvider } from '../provider.define';
import { modelChoice } from '../provider.registry';
import prices from './prices.json';
import { createSyncAccount } from './sync.account';
import { createSyncLipsyncProvider } from './sync-lipsync.provider';
import { verifySyncWebhook } from './webhook';

/** Those with a price in prices.json; any other can be set as the default. */
const models = ['lipsync-2-pro', 'lipsync-2', 'sync-3'];

/** sync.so: lip-syncs by its own models. It has no call that checks a key and costs nothing. */
export const sync = defineProvider({
  name: 'sync',
  label: 'sync.so',
  settings: {
    SYNC_API_KEY: { doc: 'API key of sync.so.', schema: v.optional(v.string()) },
    SYNC_BASE_URL: {
      doc: 'Where sync.so answers.',
      schema: v.optional(settingUrl, 'https://api.sync.so'),
    },
    SYNC_MODEL: { doc: 'sync.so model for lip-syncs.', schema: v.optional(v.string(), 'lipsync-2-pro') },
    SYNC_WEBHOOK_SECRET: {
      doc: 'Secret that sync.so signs its webhooks with. Unset: they are not used.',
      schema: v.optional(v.string()),
    },
  },
  prices,

  account({ SYNC_API_KEY: apiKey, SYNC_BASE_URL: baseUrl }, { fetch, paid }) {
    if (apiKey === undefined) return null;
    const { clock, wait, pace } = paid;
    return createSyncAccount({ fetch, baseUrl, apiKey, clock, wait, pace });
  },

  kinds: {
    lipsync: ({ account, settings, tools }) => ({
      models: modelChoice(settings.SYNC_MODEL, models),
      create: (model) => createSyncLipsyncProvider({ account, model, settings: tools.paid }),
    }),
  },

  /** sync.so signs with a secret of its own: without it its word could not be believed. */
  webhook: ({ SYNC_WEBHOOK_SECRET: secret }) => (secret === undefined ? null : verifySyncWebhook(secret)),
});
