import * as v from 'valibot';
import { errorMessage } from '../../shared/errors';
import { settingUrl } from '../../shared/setting.schema';
import { defineProvider } from '../provider.define';
import { modelChoice } from '../provider.registry';
import prices from './prices.json';
import { createReplicateAccount } from './replicate.account';
import { createReplicateImageProvider } from './replicate-image.provider';
import { createReplicateLipsyncProvider } from './replicate-lipsync.provider';
import { createReplicateVideoProvider } from './replicate-video.provider';
import { verifyReplicateWebhook } from './webhook';
import { createReplicateWebhookSecret } from './webhook-secret';

/** Those with a price in prices.json; any other can be set as the default. */
const models = {
  lipsync: ['sync/lipsync-2-pro', 'sync/lipsync-2', 'kwaivgi/kling-lip-sync'],
  image: [
    'google/imagen-4',
    'google/nano-banana-pro',
    'black-forest-labs/flux-1.1-pro',
    'black-forest-labs/flux-kontext-pro',
    'black-forest-labs/flux-schnell',
  ],
  video: [
    'google/veo-3.1-fast',
    'google/veo-3.1',
    'bytedance/seedance-1-pro',
    'kwaivgi/kling-v2.5-turbo-pro',
    'minimax/hailuo-02',
  ],
};

/** Replicate: many vendors' models under one account. */
export const replicate = defineProvider({
  name: 'replicate',
  label: 'Replicate',
  settings: {
    REPLICATE_API_TOKEN: { doc: 'Token of Replicate.', schema: v.optional(v.string()) },
    REPLICATE_BASE_URL: {
      doc: 'Where Replicate answers.',
      schema: v.optional(settingUrl, 'https://api.replicate.com/v1'),
    },
    REPLICATE_LIPSYNC_MODEL: {
      doc: 'Replicate model for lip-syncs.',
      schema: v.optional(v.string(), 'sync/lipsync-2-pro'),
    },
    REPLICATE_IMAGE_MODEL: {
      doc: 'Replicate model for images.',
      schema: v.optional(v.string(), 'google/imagen-4'),
    },
    REPLICATE_VIDEO_MODEL: {
      doc: 'Replicate model for clips.',
      schema: v.optional(v.string(), 'google/veo-3.1-fast'),
    },
  },
  prices,

  account({ REPLICATE_API_TOKEN: token, REPLICATE_BASE_URL: baseUrl }, { fetch, paid }) {
    if (token === undefined) return null;
    const { clock, wait, pace } = paid;
    return createReplicateAccount({ fetch, baseUrl, token, clock, wait, pace });
  },

  kinds: {
    lipsync: ({ account, settings, tools }) => ({
      models: modelChoice(settings.REPLICATE_LIPSYNC_MODEL, models.lipsync),
      create: (model) => createReplicateLipsyncProvider({ account, model, settings: tools.paid }),
    }),
    image: ({ account, settings, tools }) => ({
      models: modelChoice(settings.REPLICATE_IMAGE_MODEL, models.image),
      create: (model) => createReplicateImageProvider({ account, model, settings: tools.paid }),
    }),
    video: ({ account, settings, tools }) => ({
      models: modelChoice(settings.REPLICATE_VIDEO_MODEL, models.video),
      create: (model) => createReplicateVideoProvider({ account, model, settings: tools.paid }),
    }),
  },

  webhook({ REPLICATE_API_TOKEN: token, REPLICATE_BASE_URL: baseUrl }, { fetch }) {
    if (token === undefined) return null;
    return verifyReplicateWebhook(createReplicateWebhookSecret({ fetch, baseUrl, token }));
  },

  check: { setting: 'REPLICATE_API_TOKEN', run: (account) => account.check() },

  /** Reads the models' fields; the recorded copy serves until then, and when Replicate can't be reached. */
  async started(account, { models, signal, log }) {
    try {
      const read = await account.refreshModels(models, signal);
      log.info({ read: read.length, of: models.length }, 'models_read');
    } catch (thrown) {
      if (!signal.aborted) log.warn({ error: errorMessage(thrown) }, 'models_not_read');
    }
  },
});
