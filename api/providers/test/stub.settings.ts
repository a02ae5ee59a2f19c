import { defaultPace, waitForTimer } from '../paid/pace';
import type { PaidSettings } from '../paid/paid-run';
import { createPrices } from '../prices/prices';

/** Settings for tests that run nothing. */
export const stubSettings: PaidSettings = {
  clock: { now: () => new Date() },
  wait: waitForTimer,
  pace: defaultPace,
  limitMinutes: 30,
  fetchToFile: () => Promise.reject(new Error('Nothing is fetched here.')),
  estimate: createPrices(),
  inspectVideo: null,
};
