import { AppError } from '../../shared/errors';
import { providerError } from '../provider.errors';

type Made = 'card' | 'clip';
const names: Record<Made, string> = { card: 'storyboard card', clip: 'clip' };

/** A process that draws ended without a word: short of memory, mostly. */
export const providerDied = (made: Made) => (ending: string, lastOutput: string) =>
  new AppError({
    code: 'ProviderDied',
    message: `Making the ${names[made]} on this machine stopped unexpectedly (${ending}). Try again; if it happens again, the machine may be short of memory.`,
    details: { lastOutput },
  });

/** It was given up: something is stuck. */
export const providerTooSlow = (made: Made) => () =>
  providerError({
    code: 'ProviderTimeout',
    provider: 'local',
    what: `Making the ${names[made]} on this machine took too long and was stopped.`,
    charged: 'no',
    advice: 'Try again when the machine has less to do.',
    reason: 'time limit',
    retryable: true,
  });
