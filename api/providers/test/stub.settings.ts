import { defaultPace, waitForTimer } from '../paid/pace';
import type { PaidSettings } from '../paid/paid-run';
import { providers } from '../provider.list';
import { createPrices } from '../provider.prices';

/** Settings for tests that run nothing. */
export const stubSettings: PaidSettings = {
  clock: { now: () => new Date() },
  wait: waitForTimer,
  pace: defaultPace,
  limitMinutes: 30,
  fetchToFile: () => Promise.reject(new Error('Nothing is fetched here.')),
  estimate: createPrices(providers),
  inspectVideo: null,
};
