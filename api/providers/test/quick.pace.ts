import type { Pace } from '../paid/pace';

/** Short times in the same proportions as the real ones, for tests. Milliseconds, but for `missingPolls`. */
export const quickPace: Pace = {
  firstPoll: 2,
  slowestPoll: 10,
  create: 400,
  call: 2000,
  upload: 5000,
  throttled: 30,
  missingPolls: 2,
  recover: [0, 10, 20],
  output: [0, 5, 5],
};
