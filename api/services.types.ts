import type { Database } from '../db/connect';
import type { AccessServices } from './composition/access.services';
import type { FeatureServices } from './composition/features.services';
import type { Config } from './config';
import type { Format } from './contract/format.schema';
import type { MediaUrls } from './features/delivery/media-urls.usecases';
import type { SubscribeToProject } from './features/events/events.routes';
import type { DiskGuard, FreeBytes } from './features/system/disk.usecases';
import type { SystemUsecases } from './features/system/system.usecases';
import type { WebhookUsecases } from './features/webhooks/webhooks.usecases';
import type { CallerContext } from './http/caller.context';
import type { RequestMeter } from './http/http.request-log';
import type { Jobs } from './jobs/jobs.types';
import type { MediaTools } from './media/media.types';
import type { OrphanedCallUsecases } from './provider-work/orphaned-calls.usecases';
import type { ProviderCallUsecases } from './provider-work/provider-calls.usecases';
import type { ProviderUsecases } from './provider-work/providers.usecases';
import type { Looks } from './providers/looks.types';
import type { Pace } from './providers/paid/pace';
import type { SampleMaterial } from './sample/sample-material';
import type { Log, LogContext } from './shared/log';
import type { Tracing } from './shared/tracing';
import type { Storage } from './storage/storage.types';

/** All that the API, the workers and the scripts work with. */
export type Services = AccessServices &
  FeatureServices & {
    config: Config;
    version: string;
    log: Log;
    logContext: LogContext;
    meterRequest: RequestMeter;
    tracing: Tracing;
    disk: DiskGuard;
    /** Aborted when this process is about to end: who waits is answered, streams end. */
    stopping: AbortSignal;
    /** Whom the answer is for that is being made. */
    callers: CallerContext;
    mediaUrls: MediaUrls;
    /** Where browsers load media from besides the studio: the origin of presigned URLs. */
    mediaOrigins: string[];
    sql: Database;
    databaseUrl: string;
    storage: Storage;
    jobs: Jobs;
    mediaTools: MediaTools;
    providers: ProviderUsecases;
    /** Whether the tokens of providers are good, where asking costs nothing; `setting` holds the token. */
    checkProviderTokens: () => Promise<{ label: string; setting: string; ok: boolean; reason: string }[]>;
    providerCalls: ProviderCallUsecases;
    webhooks: WebhookUsecases;
    orphanedCalls: OrphanedCallUsecases;
    system: SystemUsecases;
    subscribeToProject: SubscribeToProject;
    /** Where the built studio page is. */
    pageDirectory: string;
    /** Where the OpenAPI page's own files are. */
    documentationDirectory: string;
    /** Clears what uploads left behind whose process was killed. To be called before serving. */
    startReceiving(): Promise<void>;
    /** Begins to finish the uploads of this machine that something interrupted, now and then again. */
    startSweeping(): void;
    /** Begins to take jobs. */
    startWorking(): Promise<void>;
    /** Says that the process is about to end: who waits is answered, and streams end. */
    beginStopping(): void;
    /** Takes no more jobs and lets those that run finish for a while; then hands them back. */
    stopWorking(options: { graceMs: number }): Promise<void>;
    stop(options: { graceMs: number }): Promise<void>;
  };

/** What a program may lend to the studio that is not the studio's own. */
export type StudioOptions = {
  /** Makes the material of the sample project; without it there is no sample. */
  sampleMaterial?: (options: {
    format: Format;
    signal: AbortSignal;
    ffmpegPath: string;
  }) => Promise<SampleMaterial>;
  /** Looks for faces and voices; without it nobody knows who sings where (tests that need none). */
  looks?: (ffmpegPath: string) => Looks;
  /** Where log lines go instead of standard error (tests). */
  log?: Log;
  /** Tells how much of the disk is free (tests of a full one). */
  freeBytes?: FreeBytes;
  /** How often unfinished uploads that are too old are deleted, instead of every hour (tests). */
  pruneEveryMs?: number;
  /** Other times than the real ones (tests): of providers' calls, and until a failed run is tried again. */
  pace?: { provider: Pace; retryDelay: (attempt: number) => number };
};
