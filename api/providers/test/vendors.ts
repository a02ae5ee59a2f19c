import type { DoubleOutput } from '../../test/doubles/http/output';
import {
  type ReplicateDoubleOptions,
  startReplicateDouble,
} from '../../test/doubles/replicate/replicate.double';
import type { PredictionScript } from '../../test/doubles/replicate/replicate.types';
import { type SyncDoubleOptions, startSyncDouble } from '../../test/doubles/sync/sync.double';
import type { GenerationScript } from '../../test/doubles/sync/sync.types';
import type { Pace, Wait } from '../paid/pace';
import { waitForTimer } from '../paid/pace';
import { createReplicateAccount, type ReplicateAccount } from '../replicate/replicate.account';
import { createSyncAccount, type SyncAccount } from '../sync/sync.account';

/** What goes wrong with a job at a vendor, whichever it is. */
export type Course = {
  create?:
    | 401
    | 402
    | 413
    | 500
    | 'input-invalid'
    | 'throttled'
    | 'throttled-silently'
    | 'reset-before'
    | 'reset-after'
    | 'bad-gateway-after'
    | 'stall';
  polls?: (401 | 404 | 429 | 500 | 'reset')[];
  end?: 'success' | 'failure' | 'never' | 'strange-then-success' | 'not-started';
  output: DoubleOutput;
  dataRemoved?: boolean;
};

export type VendorName = 'replicate' | 'sync';
export type Vendor = {
  name: VendorName;
  secret: string;
  replicate: ReplicateAccount | null;
  sync: SyncAccount | null;
  /** What was created, and whether it would have been charged. */
  ledger: readonly { id: string; charged: boolean }[];
  awaitCreate(nth?: number): Promise<{ id: string }>;
  bodies(): Record<string, unknown>[];
  course(course: Course): void;
  /** What the next create call meets, whatever it repeats. */
  refuseNextCreate(status: 401 | 402): void;
  change(id: string, course: Course): void;
  status(id: string): string;
  /** Paths that were sent the secret although they are not the API's. */
  leaks: readonly string[];
  close(): Promise<void>;
};

/** As fast as can be, in the order of the real one. */
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
/** Waits at most this long, whatever is asked for. */
const quickWait: Wait = (ms, signal) => waitForTimer(Math.min(ms, 20), signal);
const clock = { now: () => new Date() };

const replicateScript = (course: Course): PredictionScript => ({
  output: course.output,
  ...(course.dataRemoved === undefined ? {} : { dataRemoved: course.dataRemoved }),
  pollFaults: (course.polls ?? []).map((fault) =>
    fault === 'reset' ? { kind: 'reset' } : { kind: 'status', status: fault },
  ),
  statuses: {
    success: ['starting', 'processing', 'succeeded'],
    failure: ['processing', 'failed'],
    never: ['processing'],
    'strange-then-success': ['dreaming', 'succeeded'],
    'not-started': ['aborted'],
  }[course.end ?? 'success'],
});

export async function startReplicateVendor(options: ReplicateDoubleOptions = {}): Promise<Vendor> {
  const double = await startReplicateDouble(options);
  const { url: baseUrl, token } = double;
  return {
    name: 'replicate',
    secret: token,
    replicate: createReplicateAccount({ fetch, baseUrl, token, clock, wait: quickWait, pace: quickPace }),
    sync: null,
    ledger: double.ledger,
    awaitCreate: double.awaitCreate,
    bodies: () => double.ledger.map(({ input }) => input),
    course(course) {
      double.script(replicateScript(course));
      const { create } = course;
      if (create === undefined) return;
      if (typeof create === 'number') double.failCreates({ kind: 'status', status: create });
      else if (create === 'throttled') double.failCreates({ kind: 'throttled', tell: 'text', seconds: 1 });
      else if (create === 'throttled-silently') {
        double.failCreates({ kind: 'throttled', tell: 'nothing', seconds: 1 });
      } else double.failCreates({ kind: create });
    },
    refuseNextCreate: (status) => double.failCreates({ kind: 'status', status }),
    change: (id, course) => double.change(id, replicateScript(course)),
    status: (id) => double.prediction(id).status,
    leaks: double.leaks,
    close: double.close,
  };
}

const syncScript = (course: Course): GenerationScript => ({
  output: course.output,
  ...(course.dataRemoved ? { outputAs: 'neither' } : {}),
  pollFaults: (course.polls ?? []).map((fault) =>
    fault === 'reset' ? { kind: 'reset' } : { kind: 'status', status: fault },
  ),
  statuses: {
    success: ['PENDING', 'PROCESSING', 'COMPLETED'],
    failure: ['PROCESSING', 'FAILED'],
    never: ['PROCESSING'],
    'strange-then-success': ['DREAMING', 'COMPLETED'],
    'not-started': ['REJECTED'],
  }[course.end ?? 'success'],
});

export async function startSyncVendor(options: SyncDoubleOptions = {}): Promise<Vendor> {
  const double = await startSyncDouble(options);
  const { url: baseUrl, token } = double;
  return {
    name: 'sync',
    secret: token,
    replicate: null,
    sync: createSyncAccount({ fetch, baseUrl, apiKey: token, clock, wait: quickWait, pace: quickPace }),
    ledger: double.ledger,
    awaitCreate: double.awaitCreate,
    bodies: () => double.ledger.map(({ model, input, options: given }) => ({ model, input, options: given })),
    course(course) {
      double.script(syncScript(course));
      const { create } = course;
      if (create === undefined) return;
      if (typeof create === 'number') double.failCreates({ kind: 'status', status: create });
      else if (create === 'input-invalid') double.failCreates({ kind: 'status', status: 422 });
      else if (create === 'throttled') double.failCreates({ kind: 'rate-limit', retryAfterSeconds: 1 });
      else if (create === 'throttled-silently') double.failCreates({ kind: 'concurrency-limit' });
      else double.failCreates({ kind: create });
    },
    refuseNextCreate: (status) => double.failCreates({ kind: 'status', status }),
    change: (id, course) => double.change(id, syncScript(course)),
    status: (id) => double.generation(id).status,
    leaks: double.leaks,
    close: double.close,
  };
}
