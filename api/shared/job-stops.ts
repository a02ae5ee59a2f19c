/** Why a run of a job is stopped: the reasons of its signal. `isAbort` holds for all of them. */
export class JobCanceled extends Error {
  override name = 'JobCanceled';
  constructor() {
    super('The job was canceled.');
  }
}

/** The worker shuts down: the job goes back to the queue and this run does not count. */
export class JobInterrupted extends Error {
  override name = 'AbortError';
  constructor() {
    super('The worker is shutting down; the job goes back to the queue.');
  }
}

/** The job is no longer this run's: another worker has it, or it was ended or deleted meanwhile. */
export class JobLost extends Error {
  override name = 'AbortError';
  constructor() {
    super('The job was taken away from this worker.');
  }
}
