import { setTimeout as sleep } from 'node:timers/promises';

/** Waits; rejects with the signal's reason when it aborts. */
export type Wait = (ms: number, signal?: AbortSignal) => Promise<void>;

export const waitForTimer: Wait = async (ms, signal) => {
  signal?.throwIfAborted();
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (thrown) {
    signal?.throwIfAborted();
    throw thrown;
  }
};

/** All times of the paid loop, in milliseconds; tests make them short. */
export type Pace = {
  /** First pause between two polls; each is half as long again, up to `slowestPoll`. */
  firstPoll: number;
  slowestPoll: number;
  /** Until a create call has answered. */
  create: number;
  /** Until any other call has answered. */
  call: number;
  /** Until a file is uploaded to the provider. */
  upload: number;
  /** Pauses before looking for a call whose answer was lost: the list may lag behind. */
  recover: readonly number[];
  /** Pauses before fetching an output again, each time from a fresh URL. */
  output: readonly number[];
  /** Pause when a 429 names none. */
  throttled: number;
  /** Polls in a row that may say "no such job" right after it was made. */
  missingPolls: number;
};

/** Vendors answer creates in seconds, and jobs take half a minute or more (prices.json: typicalSeconds). */
export const defaultPace: Pace = {
  firstPoll: 1000,
  slowestPoll: 10_000,
  create: 60_000,
  call: 30_000,
  upload: 300_000,
  recover: [0, 2000, 5000, 10_000],
  output: [0, 1000, 4000, 10_000],
  throttled: 10_000,
  missingPolls: 5,
};
