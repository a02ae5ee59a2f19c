import PQueue from 'p-queue';
import * as v from 'valibot';
import type { Database } from '../../db/connect';
import type { Config } from '../config';
import { FormatSchema } from '../contract/format.schema';
import type { ProviderName } from '../contract/provider.schema';
import type { MediaUrls } from '../features/delivery/media-urls.usecases';
import { startWebhookNotifications } from '../features/webhooks/webhook-notifications';
import { createWebhookUsecases } from '../features/webhooks/webhooks.usecases';
import type { Jobs } from '../jobs/jobs.types';
import type { MediaService } from '../media/media.service.types';
import { mezzanineVideoArguments } from '../media/mezzanine.arguments';
import { createOrphanedCallUsecases, type EndCallAtProvider } from '../provider-work/orphaned-calls.usecases';
import { createProviderCallUsecases } from '../provider-work/provider-calls.usecases';
import { createProviderContexts, type ShareUrl } from '../provider-work/provider-context.usecases';
import { createRunProvider } from '../provider-work/provider-run.usecases';
import { createProviderUsecases } from '../provider-work/providers.usecases';
import { createImageProviders } from '../providers/image/image.registry';
import { createLipsyncProviders } from '../providers/lipsync/lipsync.registry';
import { createLocalImageProvider } from '../providers/local/image/local-image.provider';
import { createLocalLipsyncProvider } from '../providers/local/lipsync/local.provider';
import { createLocalVideoProvider } from '../providers/local/video/local-video.provider';
import { defaultPace, type Pace, waitForTimer } from '../providers/paid/pace';
import type { PaidSettings } from '../providers/paid/paid-run';
import { endOrphanedCall } from '../providers/paid/paid-stop';
import type { RemoteApi } from '../providers/paid/remote.types';
import { createPrices } from '../providers/prices/prices';
import { createReplicateAccount } from '../providers/replicate/replicate.account';
import { createReplicateWebhookSecret } from '../providers/replicate/webhook-secret';
import { createSyncAccount } from '../providers/sync/sync.account';
import { createVideoProviders } from '../providers/video/video.registry';
import type { Clock } from '../shared/clock';
import { errorMessage } from '../shared/errors';
import type { NewId } from '../shared/ids';
import type { Log } from '../shared/log';
import type { FetchToFileOptions } from '../storage/safe-fetch/safe-fetch';
import type { Storage } from '../storage/storage.types';
import type { Closers } from './closers';

type Listen = Parameters<typeof startWebhookNotifications>[0];

/** Everything about providers: their accounts, who makes what, what it costs, and word from them. */
export async function composeProviders(of: {
  config: Config;
  sql: Database;
  newId: NewId;
  clock: Clock;
  log: Log;
  listen: Listen;
  jobs: Pick<Jobs, 'record'>;
  storage: Pick<Storage, 'storeTemporary' | 'deleteLater'>;
  media: Pick<MediaService, 'checkClip'>;
  ffmpegPath: string;
  cores: number;
  fetchToFile: (
    url: string,
    options: FetchToFileOptions,
  ) => Promise<{ bytes: number; contentType: string | null }>;
  shareUrl: ShareUrl | null;
  /** Other times than the vendors' own, for tests. */
  pace: Pace | undefined;
  closers: Closers;
}) {
  const fitting = new PQueue({ concurrency: of.cores });
  const { config, sql, newId, clock, log, storage, media, closers } = of;
  const pace = of.pace ?? defaultPace;
  const account = { fetch, clock, wait: waitForTimer, pace };
  const { REPLICATE_API_TOKEN: token, SYNC_API_KEY: apiKey } = config;
  const replicate =
    token === undefined
      ? null
      : createReplicateAccount({ ...account, baseUrl: config.REPLICATE_BASE_URL, token });
  const sync =
    apiKey === undefined ? null : createSyncAccount({ ...account, baseUrl: config.SYNC_BASE_URL, apiKey });

  const settings: PaidSettings = {
    clock,
    wait: waitForTimer,
    pace,
    limitMinutes: config.PROVIDER_JOB_MINUTES,
    estimate: createPrices(),
    fetchToFile: (url, path, { maxBytes, signal, headers = {} }) =>
      of.fetchToFile(url, { toPath: path, maxBytes, signal, headers }),
    async inspectVideo(path, signal) {
      const { video } = await media.checkClip(path, signal);
      return { frames: video.frames, seconds: video.duration };
    },
  };
  const encoding = {
    ffmpegPath: of.ffmpegPath,
    videoEncodeArguments: (format: { width: number; height: number; fps: number }) =>
      mezzanineVideoArguments(v.parse(FormatSchema, format)),
  };
  const atReplicate = (model: string) => replicate && { account: replicate, model };
  const registries = {
    lipsync: createLipsyncProviders({
      local: createLocalLipsyncProvider(encoding),
      replicate: atReplicate(config.REPLICATE_LIPSYNC_MODEL),
      sync: sync && { account: sync, model: config.SYNC_MODEL },
      settings,
    }),
    image: createImageProviders({
      local: createLocalImageProvider(),
      replicate: atReplicate(config.REPLICATE_IMAGE_MODEL),
      settings,
    }),
    video: createVideoProviders({
      local: createLocalVideoProvider(encoding),
      replicate: atReplicate(config.REPLICATE_VIDEO_MODEL),
      settings,
    }),
  };

  const calls = createProviderCallUsecases({ sql, newId, jobs: of.jobs });
  const providers = createProviderUsecases({
    registries,
    calls,
    estimate: settings.estimate,
    defaults: {
      lipsync: config.LIPSYNC_PROVIDER,
      image: config.IMAGE_PROVIDER,
      video: config.VIDEO_PROVIDER,
    },
  });
  const news = await startWebhookNotifications(of.listen);
  closers.push(() => news.close());
  const withProvider = createProviderContexts({
    sql,
    newId,
    calls,
    storage,
    waitForWebhook: news.waitForWebhook,
    shareUrl: of.shareUrl,
    webhookUrls: webhookUrls(config),
  });
  const webhooks = createWebhookUsecases({
    sql,
    clock,
    log,
    replicateSecret:
      config.PUBLIC_URL === undefined || token === undefined
        ? async () => null
        : createReplicateWebhookSecret({ fetch, baseUrl: config.REPLICATE_BASE_URL, token }),
    syncSecret: config.PUBLIC_URL === undefined ? null : (config.SYNC_WEBHOOK_SECRET ?? null),
  });
  const ends = (api: RemoteApi): EndCallAtProvider => {
    return (call) => endOrphanedCall({ api, call, settings, log });
  };
  const orphanedCalls = createOrphanedCallUsecases({
    sql,
    clock,
    log,
    calls,
    providers: {
      ...(replicate === null ? {} : { replicate: ends(replicate.api) }),
      ...(sync === null ? {} : { sync: ends(sync.api) }),
    },
  });

  if (replicate !== null) {
    const stopping = new AbortController();
    closers.push(async () => stopping.abort());
    const models = [...registries.lipsync.list(), ...registries.image.list(), ...registries.video.list()]
      .filter(({ name }) => name === 'replicate')
      .map(({ model }) => model);
    // Not waited for: the recorded copy serves until then, and when Replicate can't be reached.
    replicate.refreshModels(models, stopping.signal).then(
      (read) => log.info({ read: read.length, of: models.length }, 'models_read'),
      (thrown) => {
        if (!stopping.signal.aborted) log.warn({ error: errorMessage(thrown) }, 'models_not_read');
      },
    );
  }

  return {
    providers,
    calls,
    webhooks,
    orphanedCalls,
    /** Whether the token of Replicate is good; null: there is none. */
    checkReplicate: replicate === null ? null : () => replicate.check(),
    runProvider: createRunProvider({
      clock,
      withProvider,
      inTurn: (work, signal) => fitting.add(work, { signal }),
    }),
  };
}

/**
 * How providers reach what is too large for their own file stores: by a presigned URL of an S3 that they
 * reach, or by a signed path of the studio under PUBLIC_URL.
 */
export function createShareUrl(of: {
  config: Pick<Config, 'PUBLIC_URL' | 'FETCH_ALLOW_LOOPBACK'>;
  objects: { embedded: boolean; isReachable: boolean };
  storage: Pick<Storage, 'presignGet'>;
  mediaUrls: Pick<MediaUrls, 'providerPath'>;
}): ShareUrl | null {
  const { config, objects } = of;
  if (!objects.embedded && (objects.isReachable || config.FETCH_ALLOW_LOOPBACK)) {
    return (key, lifeSeconds) => of.storage.presignGet(key, { expiresSeconds: lifeSeconds });
  }
  const { PUBLIC_URL: publicUrl } = config;
  if (publicUrl === undefined) return null;
  return async (key, lifeSeconds) => withoutSlash(publicUrl) + of.mediaUrls.providerPath(key, lifeSeconds);
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '');

/** sync.so signs with a secret of its own: without it its word could not be believed. */
function webhookUrls(config: Config): Partial<Record<ProviderName, string>> {
  if (config.PUBLIC_URL === undefined) return {};
  const base = `${withoutSlash(config.PUBLIC_URL)}/api/mv/webhooks`;
  return {
    replicate: `${base}/replicate`,
    ...(config.SYNC_WEBHOOK_SECRET === undefined ? {} : { sync: `${base}/sync` }),
  };
}
