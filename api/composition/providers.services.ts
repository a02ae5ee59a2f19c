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
import { createOrphanedCallUsecases } from '../provider-work/orphaned-calls.usecases';
import { createProviderCallUsecases } from '../provider-work/provider-calls.usecases';
import { createProviderRuns } from '../provider-work/provider-run.usecases';
import { createProviderUsecases } from '../provider-work/providers.usecases';
import type { ShareUrl } from '../provider-work/shared-inputs.usecases';
import { defaultPace, type Pace, waitForTimer } from '../providers/paid/pace';
import type { PaidSettings } from '../providers/paid/paid-run';
import { endOrphanedCall } from '../providers/paid/paid-stop';
import type { ProviderTools } from '../providers/provider.define';
import { createRegistries, providers as known } from '../providers/provider.list';
import { createPrices } from '../providers/provider.prices';
import type { VerifyWebhook } from '../providers/webhook/webhook.types';
import { inBackground } from '../shared/background';
import type { Clock } from '../shared/clock';
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
  const paid: PaidSettings = {
    clock,
    wait: waitForTimer,
    pace: of.pace ?? defaultPace,
    limitMinutes: config.PROVIDER_JOB_MINUTES,
    estimate: createPrices(known),
    fetchToFile: (url, path, { maxBytes, signal, headers = {} }) =>
      of.fetchToFile(url, { toPath: path, maxBytes, signal, headers }),
    async inspectVideo(path, signal) {
      const { video } = await media.checkClip(path, signal);
      return { frames: video.frames, seconds: video.duration };
    },
  };
  const tools: ProviderTools = {
    fetch,
    paid,
    encoding: {
      ffmpegPath: of.ffmpegPath,
      videoEncodeArguments: (format) => mezzanineVideoArguments(v.parse(FormatSchema, format)),
    },
  };
  const on = known.flatMap(({ name, label, switchOn }) => {
    const provider = switchOn(config, tools);
    return provider === null ? [] : [{ name, label, ...provider }];
  });
  const registries = createRegistries(on);

  const calls = createProviderCallUsecases({ sql, newId, jobs: of.jobs });
  const providers = createProviderUsecases({
    registries,
    known,
    calls,
    estimate: paid.estimate,
    defaults: {
      lipsync: config.LIPSYNC_PROVIDER,
      image: config.IMAGE_PROVIDER,
      video: config.VIDEO_PROVIDER,
    },
  });
  const news = await startWebhookNotifications(of.listen);
  closers.push(() => news.close());
  const verifiers = webhookVerifiers(config);
  const webhooks = createWebhookUsecases({
    sql,
    clock,
    log,
    verifiers,
    senders: known.flatMap(({ label, webhook }) => (webhook === undefined ? [] : [label])),
  });
  const orphanedCalls = createOrphanedCallUsecases({
    sql,
    clock,
    log,
    calls,
    endAt: new Map(
      on.flatMap(({ name, api }) => {
        if (api === null) return [];
        return [[name, (call) => endOrphanedCall({ api, call, settings: paid, log })] as const];
      }),
    ),
  });

  const stopping = new AbortController();
  closers.push(async () => stopping.abort());
  const all = [...registries.lipsync.list(), ...registries.image.list(), ...registries.video.list()];
  for (const { name, started } of on) {
    const models = all.flatMap((provider) => (provider.name === name ? [provider.model] : []));
    inBackground(log, 'provider_not_started', () => started?.({ models, log, signal: stopping.signal }));
  }

  return {
    providers,
    calls,
    webhooks,
    orphanedCalls,
    /** Whether the tokens are good, of those that can tell. */
    async checkTokens() {
      const checks = on.flatMap(({ label, check }) => (check === null ? [] : [{ label, ...check }]));
      return Promise.all(
        checks.map(async ({ label, setting, run }) => ({ label, setting, ...(await run()) })),
      );
    },
    startProviderRun: createProviderRuns({
      sql,
      newId,
      clock,
      calls,
      storage,
      waitForWebhook: news.waitForWebhook,
      shareUrl: of.shareUrl,
      webhookUrls: new Map([...verifiers.keys()].map((name) => [name, webhookUrl(config, name)])),
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

/** How the webhooks of each provider are recognised that can reach the studio and are signed. */
function webhookVerifiers(config: Config): Map<ProviderName, VerifyWebhook> {
  if (config.PUBLIC_URL === undefined) return new Map();
  return new Map(
    known.flatMap(({ name, webhook }) => {
      const verify = webhook?.(config, { fetch }) ?? null;
      return verify === null ? [] : [[name, verify] as const];
    }),
  );
}

const webhookUrl = ({ PUBLIC_URL = '' }: Config, name: ProviderName) =>
  `${withoutSlash(PUBLIC_URL)}/api/mv/webhooks/${name}`;
