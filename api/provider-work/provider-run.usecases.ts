import type { Job } from '../contract/job.schema';
import { providerLabels } from '../contract/provider.names';
import type { ProviderName } from '../contract/provider.schema';
import type { JobContext } from '../jobs/jobs.types';
import type { ProviderContext, ProviderDescription, ProviderOutcome } from '../providers/provider.types';
import type { Clock } from '../shared/clock';
import { AppError } from '../shared/errors';
import { JobCanceled } from '../shared/job-stops';
import type { ProviderCallUsecases } from './provider-calls.usecases';
import type { Run } from './run-facts.rules';
import { createSharedInputs, type SharedInputsDeps } from './shared-inputs.usecases';

/**
 * A provider's part of a job: `await using run = start(…)`, the provider's own run with `run.context`,
 * then `run.fit`. Inputs that were shared go when it is over.
 */
export type ProviderRun = AsyncDisposable & {
  /** What the provider gets: its paid calls, word from webhooks, and a way to share files with it. */
  context: ProviderContext;
  /**
   * Fits what came to the project, and ends the run. A result that was paid for and can't be used ends its
   * call: fetching it again would not help.
   * @throws AppError what `fit` throws; 502 `ProviderBadOutput`
   */
  fit<Fitted extends { received: number | null }>(
    outcome: ProviderOutcome,
    fit: () => Promise<Fitted>,
  ): Promise<Run & { fitted: Fitted }>;
};

export type StartProviderRun = (
  of: {
    job: Pick<Job, 'id' | 'projectId' | 'sceneId'>;
    provider: ProviderDescription;
    /** The job's own folder. */
    directory: string;
    /** The share of the job's progress that the provider's run covers. */
    progress: { from: number; to: number };
  },
  context: JobContext,
) => ProviderRun;

export function createProviderRuns(
  deps: SharedInputsDeps & {
    clock: Clock;
    calls: Pick<ProviderCallUsecases, 'forJob'>;
    waitForWebhook: ProviderContext['waitForWebhook'];
    /** Where providers send word; those without an entry send none. */
    webhookUrls: ReadonlyMap<ProviderName, string>;
    /** Runs work that keeps a core busy when there is one free: many jobs wait for providers at once. */
    inTurn: <Result>(work: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;
  },
): StartProviderRun {
  const { clock, inTurn } = deps;
  return ({ job, provider, directory, progress }, context) => {
    const { signal, log } = context;
    const started = clock.now().getTime();
    const calls = deps.calls.forJob(job);
    const inputs = createSharedInputs(deps, { jobId: job.id, directory, signal });
    let isDone = false;
    return {
      context: {
        signal,
        log,
        calls,
        progress: (stage, fraction) =>
          context.progress(stage, progress.from + (progress.to - progress.from) * fraction),
        waitForWebhook: deps.waitForWebhook,
        share: inputs.share,
        webhookUrl: deps.webhookUrls.get(provider.name) ?? null,
        endsCallsWhenStored: true,
      },

      async fit(outcome, fit) {
        context.progress('checking', progress.to);
        const fitted = await inTurn(fit, signal).catch(async (thrown: unknown) => {
          const unusable = thrown instanceof AppError && !thrown.retryable && !signal.aborted;
          if (outcome.unended === undefined || !unusable) throw thrown;
          const error = badResult(provider, thrown);
          const { callId, end } = outcome.unended;
          await calls.end(callId, { ...end, state: 'failed', message: error.message });
          throw error;
        });
        isDone = true;
        return {
          fitted,
          facts: {
            provider: provider.name,
            model: outcome.model,
            ignoredOptions: outcome.ignoredOptions,
            report: outcome.report,
            costUsd: outcome.costUsd,
            receivedFrames: fitted.received,
            processingTimeSeconds: (clock.now().getTime() - started) / 1000,
          },
          unended: outcome.unended ?? null,
        };
      },

      async [Symbol.asyncDispose]() {
        const isCanceled = signal.reason instanceof JobCanceled;
        // Another run may go on with the provider's job, which still reads its inputs: then they go a day later.
        if (isDone || isCanceled) await inputs.unshare();
      },
    };
  };
}

const badResult = (provider: ProviderDescription, cause: AppError) =>
  new AppError({
    code: 'ProviderBadOutput',
    message: `${providerLabels[provider.name]} finished the job, but its result can’t be used: ${cause.message} It was charged. Retry makes it anew and is charged again; another model may do better.`,
    details: { provider: provider.name, charged: 'yes', reason: cause.message },
  });
