/** A program of api/media that ran to its end, well or not. */
export type ProgramRun = { program: string; step: string; seconds: number };
export type HttpRequest = { method: string; route: string; status: number; seconds: number };

/** What is read from the database and the storage when the figures are asked for. */
export type Figures = {
  jobs: { kind: string; state: string; count: number }[];
  /** Age of the oldest job that waits, of each kind. */
  queueAges: { kind: string; seconds: number }[];
  outbox: { state: string; files: number; bytes: number }[];
  providerCalls: { provider: string; model: string; state: string; calls: number; costUsd: number }[];
  storage: { bytesFreed: number; uploadsConfirmed: number; uploadsFailed: number };
  diskFreeBytes: number;
};
