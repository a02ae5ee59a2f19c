import { providerLabels } from '../../contract/provider.names';
import type { Charged, ProviderName } from '../../contract/provider.schema';
import type { AppError } from '../../shared/errors';
import { providerError } from '../provider.errors';

type RefusalCode =
  | 'ProviderTokenRefused'
  | 'ProviderCreditMissing'
  | 'ProviderModelNotFound'
  | 'ProviderInputTooLarge'
  | 'ProviderInputRefused';
type Of = { provider: ProviderName; reason: string; remoteId?: string };

/** What the vendors' refusals of a create call have in common, by HTTP status. Nothing was created. */
export function refusedCreate(of: Of & { status: number; tokenSetting: string; model: string }): AppError {
  const label = providerLabels[of.provider];
  const known: Record<number, [code: RefusalCode, what: string, advice: string]> = {
    401: ['ProviderTokenRefused', `${label} refused the token.`, `Check ${of.tokenSetting}.`],
    402: [
      'ProviderCreditMissing',
      `${label} says that the account has not enough credit.`,
      'Add credit there, then retry.',
    ],
    403: [
      'ProviderTokenRefused',
      `${label} does not let this token do it.`,
      `Check ${of.tokenSetting} and the account’s plan.`,
    ],
    404: [
      'ProviderModelNotFound',
      `${label} has no model "${of.model}" for this account.`,
      'Check the name of the model in the settings.',
    ],
    413: ['ProviderInputTooLarge', `${label} found the input too large.`, 'Use a shorter or smaller clip.'],
  };
  const [code, what, advice] = known[of.status] ?? [
    'ProviderInputRefused',
    `${label} refused the input: ${of.reason}`.replace(/[.\s]*$/, '.'),
    'Change what it names, or use another model or provider.',
  ];
  return providerError({ ...of, code, what, advice, charged: 'no' });
}

export const unreachable = (of: Of & { charged: Charged; advice: string }) =>
  providerError({
    ...of,
    code: 'ProviderUnreachable',
    what: `${providerLabels[of.provider]} could not be reached.`,
  });

export const busy = (of: Of) =>
  providerError({
    ...of,
    code: 'ProviderBusy',
    what: `${providerLabels[of.provider]} took no more jobs of this account until the time for this one was over.`,
    charged: 'no',
    advice: 'Try again later, run fewer jobs at once, or raise the account’s limit there.',
  });

export const outcomeUnknown = (of: Of & { dashboard: string }) =>
  providerError({
    ...of,
    code: 'ProviderOutcomeUnknown',
    what: `The connection to ${providerLabels[of.provider]} was lost while the job was being started, and it was not found there.`,
    charged: 'unknown',
    advice: `Look at ${of.dashboard} whether it ran. Nothing is sent again by itself; Retry starts a new one.`,
  });

/** The call stays open: with a good token the next run finds out. */
export const tokenRefusedMeanwhile = (of: Of) =>
  providerError({
    ...of,
    code: 'ProviderTokenRefused',
    what: `${providerLabels[of.provider]} refused the token before it was known whether the job had been started.`,
    charged: 'unknown',
    advice:
      'Check the token in the settings, then Retry: it asks under the same key, which starts nothing twice.',
  });

export const timedOut = (of: Of & { charged: Charged; minutes: number }) =>
  providerError({
    ...of,
    retryable: false,
    code: 'ProviderTimeout',
    what: `${providerLabels[of.provider]} was not done after ${of.minutes} minutes, so the job was stopped.`,
    advice: 'Retry starts a new one; raise PROVIDER_JOB_MINUTES if this model takes longer.',
  });

export const jobGone = (of: Of & { dashboard: string }) =>
  providerError({
    ...of,
    code: 'ProviderJobGone',
    what: `${providerLabels[of.provider]} no longer knows the job ${of.remoteId ?? ''}.`,
    charged: 'unknown',
    advice: `Look at ${of.dashboard} what became of it; Retry starts a new one.`,
  });

export const outputGone = (of: Of) =>
  providerError({
    ...of,
    code: 'ProviderOutputGone',
    what: `${providerLabels[of.provider]} finished the job, but has deleted its result already.`,
    charged: 'yes',
    advice: 'Retry makes it anew and is charged again.',
  });

export const badOutput = (of: Of) =>
  providerError({
    ...of,
    code: 'ProviderBadOutput',
    what: `${providerLabels[of.provider]} finished the job, but its result can’t be used: ${of.reason}.`,
    charged: 'yes',
    advice: 'Retry makes it anew and is charged again; another model may do better.',
  });

/** The result is there and could not be had yet; the call stays open, so that nobody pays twice. */
export const outputNotFetched = (of: Of) =>
  providerError({
    ...of,
    code: 'ProviderOutputNotFetched',
    what: `${providerLabels[of.provider]} finished the job, but its result could not be downloaded (${of.reason}).`,
    charged: 'yes',
    advice: 'Retry fetches it again without paying again, as long as it is kept there.',
  });

export const otherProvider = (of: Of & { asked: string }) =>
  providerError({
    ...of,
    code: 'CallStillOpen',
    status: 502,
    what: `This job has a call at ${providerLabels[of.provider]} that has not ended, so ${of.asked} was not asked.`,
    charged: 'unknown',
    advice: 'Cancel the job and start a new one.',
  });
