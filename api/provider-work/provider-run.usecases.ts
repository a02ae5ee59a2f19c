import type { Job } from '../contract/job.schema';
import { providerLabels } from '../contract/provider.schema';
import type { JobContext } from '../jobs/jobs.types';
import type { ProviderContext, ProviderDescription, ProviderOutcome } from '../providers/provider.types';
import type { Clock } from '../shared/clock';
import { AppError } from '../shared/errors';
import type { WithProvider } from './provider-context.usecases';
import type { Run } from './run-facts.rules';

/**
 * Lets a provider do its part of a job and then fits what came to the project, timed as one. A result that
 * was paid for and can't be used ends its call: fetching it again would not help.
 */
export type RunProvider = <Fitted extends { received: number | null }>(
  of: {
    job: Pick<Job, 'id' | 'projectId' | 'sceneId'>;
    provider: ProviderDescription;
    /** The job's own folder. */
    directory: string;
    /** The share of the job's progress that the provider's run covers. */
    progress: { from: number; to: number };
    make(context: ProviderContext): Promise<ProviderOutcome>;
    fit(): Promise<Fitted>;
  },
  context: JobContext,
) => Promise<Run & { fitted: Fitted }>;

export function createRunProvider(deps: {
  clock: Clock;
  withProvider: WithProvider;
  /** Runs work that keeps a core busy when there is one free: many jobs wait for providers at once. */
  inTurn: <Result>(work: () => Promise<Result>, signal: AbortSignal) => Promise<Result>;
}): RunProvider {
  const { clock, withProvider, inTurn } = deps;
  return async ({ job, provider, directory, progress, make, fit }, context) => {
    const started = clock.now().getTime();
    return withProvider(
      { job, provider: provider.name, directory, progress },
      context,
      async (providerContext) => {
        const outcome = await make(providerContext);
        context.progress('checking', progress.to);
        const { calls } = providerContext;
        const fitted = await inTurn(fit, context.signal).catch(async (thrown: unknown) => {
          const unusable = thrown instanceof AppError && !thrown.retryable && !context.signal.aborted;
          if (outcome.unended === undefined || !unusable) throw thrown;
          const error = badResult(provider, thrown);
          const { callId, end } = outcome.unended;
          await calls.end(callId, { ...end, state: 'failed', message: error.message });
          throw error;
        });
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
    );
  };
}

const badResult = (provider: ProviderDescription, cause: AppError) =>
  new AppError({
    code: 'ProviderBadOutput',
    status: 502,
    message: `${providerLabels[provider.name]} finished the job, but its result can’t be used: ${cause.message} It was charged. Retry makes it anew and is charged again; another model may do better.`,
    details: { provider: provider.name, charged: 'yes', reason: cause.message },
  });
