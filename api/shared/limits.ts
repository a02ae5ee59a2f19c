/** How much one caller, one project and one process may have at a time. */
export const limits = {
  /** A tab of the page has one event stream; the load bench holds 200 as one caller. */
  streamsPerCaller: 250,
  /** Five times what the load bench measures on two cores without an event missed. */
  streamsPerProcess: 1000,
  /**
   * Five times what is proposed for a song at most, and 6 MB of JSON at each read of the project (60
   * scenes: 379 KiB).
   */
  scenesPerProject: 1000,
  /** As many as scenes; each takes a row, deleted ones too. */
  mediaWithoutScene: 1000,
  /** A job for each scene, so that a lip-sync of the whole project fits. */
  waitingJobsPerProject: 1000,
  /** Two whole projects of the largest size. */
  waitingJobsPerCaller: 2000,
} as const;

export type Limits = { readonly [Name in keyof typeof limits]: number };
