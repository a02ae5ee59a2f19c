import type { DoubleOutput } from '../doubles/http/output';
import type { PredictionScript, CreateFault as ReplicateFault } from '../doubles/replicate/replicate.types';
import type { GenerationScript, CreateFault as SyncFault } from '../doubles/sync/sync.types';

/** What one provider's double does; `create` is met by the first create call. */
type ReplicateCourse = PredictionScript & { create?: ReplicateFault };
type SyncCourse = GenerationScript & { create?: SyncFault };

/** What the caller of the lip-sync gets to know. */
export type Expected = {
  /** Code of the job's error; null: the scene is lip-synced. */
  code: string | null;
  /** How often the double would have charged. */
  charged: 0 | 1;
  /** Of the call in the ledger afterwards; an `accepted` one is still open: Retry goes on with it. */
  call: 'refused' | 'unknown' | 'accepted' | 'succeeded' | 'failed' | 'canceled';
};

type Side<Course> = { course: Course; expected: Expected };
export type FaultRow = {
  fault: string;
  /** Null: the provider has no such thing. */
  replicate: Side<ReplicateCourse> | null;
  sync: Side<SyncCourse> | null;
};

export const worksOnce: Expected = { code: null, charged: 1, call: 'succeeded' };
const refused = (code: string): Expected => ({ code, charged: 0, call: 'refused' });
/** Nothing was created, but nobody can know that. */
const nobodyKnows: Expected = { code: 'ProviderOutcomeUnknown', charged: 0, call: 'unknown' };
const failed = (code: string, charged: 0 | 1 = 1): Expected => ({ code, charged, call: 'failed' });
const kept: Expected = { code: 'ProviderOutputNotFetched', charged: 1, call: 'accepted' };

const both = (
  fault: string,
  course: ReplicateCourse & SyncCourse,
  replicate: Expected,
  sync: Expected = replicate,
): FaultRow => ({
  fault,
  replicate: { course, expected: replicate },
  // Doubles use up the list of a script, so each has its own.
  sync: { course: { ...course, pollFaults: [...(course.pollFaults ?? [])] }, expected: sync },
});

/** Every fault of a call and of its result; `good` is a result as it should be, `short` lacks three frames. */
export const faultRows = (good: DoubleOutput, short: DoubleOutput): FaultRow[] => {
  const spoilt = (change: Partial<DoubleOutput>) => ({ output: { ...good, ...change } });
  const create = (fault: ReplicateFault & SyncFault) => ({ create: fault, output: good });
  return [
    both('none', { output: good }, worksOnce),
    both('401 on create', create({ kind: 'status', status: 401 }), refused('ProviderTokenRefused')),
    both('402 on create', create({ kind: 'status', status: 402 }), refused('ProviderCreditMissing')),
    {
      fault: '422 on create',
      replicate: {
        course: { create: { kind: 'input-invalid' }, output: good },
        expected: refused('ProviderInputRefused'),
      },
      sync: {
        course: { create: { kind: 'status', status: 422 }, output: good },
        expected: refused('ProviderInputRefused'),
      },
    },
    {
      fault: '429 with a time',
      replicate: {
        course: { create: { kind: 'throttled', tell: 'body', seconds: 1 }, output: good },
        expected: worksOnce,
      },
      sync: {
        course: { create: { kind: 'rate-limit', retryAfterSeconds: 1 }, output: good },
        expected: worksOnce,
      },
    },
    {
      fault: '429 without a time',
      replicate: {
        course: { create: { kind: 'throttled', tell: 'nothing', seconds: 1 }, output: good },
        expected: worksOnce,
      },
      sync: { course: { create: { kind: 'concurrency-limit' }, output: good }, expected: worksOnce },
    },
    both('500 on create, nothing made', create({ kind: 'status', status: 500 }), nobodyKnows, worksOnce),
    both('502 on create, nothing made', create({ kind: 'status', status: 502 }), nobodyKnows, worksOnce),
    both('502 on create, job made', create({ kind: 'bad-gateway-after' }), worksOnce),
    both('reset before accept', create({ kind: 'reset-before' }), nobodyKnows, worksOnce),
    both('reset after accept', create({ kind: 'reset-after' }), worksOnce),
    both('time-out on create', create({ kind: 'stall' }), worksOnce),
    both(
      'reset while polling',
      { output: good, pollFaults: [{ kind: 'reset' }, { kind: 'reset' }] },
      worksOnce,
    ),
    both(
      '401 while polling',
      { output: good, pollFaults: [{ kind: 'status', status: 401 }] },
      { code: 'ProviderTokenRefused', charged: 1, call: 'accepted' },
    ),
    {
      fault: '`aborted` (not started before its deadline)',
      replicate: {
        course: { statuses: ['starting', 'aborted'] },
        expected: { code: 'ProviderAborted', charged: 0, call: 'canceled' },
      },
      sync: null,
    },
    {
      fault: '`canceled` there',
      replicate: {
        course: { statuses: ['processing', 'canceled'] },
        expected: { code: 'ProviderCanceled', charged: 1, call: 'canceled' },
      },
      sync: { course: { statuses: ['PROCESSING', 'CANCELED'] }, expected: failed('ProviderFailed') },
    },
    {
      fault: 'FAILED',
      replicate: { course: { statuses: ['processing', 'failed'] }, expected: failed('ProviderFailed') },
      sync: { course: { statuses: ['PROCESSING', 'FAILED'] }, expected: failed('ProviderFailed') },
    },
    {
      fault: 'REJECTED',
      replicate: null,
      sync: { course: { statuses: ['REJECTED'] }, expected: failed('ProviderRejected', 0) },
    },
    {
      fault: 'unknown status, then done',
      replicate: { course: { statuses: ['dreaming', 'succeeded'], output: good }, expected: worksOnce },
      sync: { course: { statuses: ['DREAMING', 'COMPLETED'], output: good }, expected: worksOnce },
    },
    {
      fault: 'output deleted there',
      replicate: {
        course: { output: good, dataRemoved: true },
        expected: failed('ProviderOutputGone'),
      },
      sync: { course: { output: good, outputAs: 'neither' }, expected: worksOnce },
    },
    both('output gone (404)', spoilt({ fault: 'gone' }), failed('ProviderOutputGone')),
    both('output expired (403) once', spoilt({ fault: 'expired', faultTimes: 1 }), worksOnce),
    both('output truncated', spoilt({ fault: 'truncated' }), kept),
    both('output’s server down', spoilt({ fault: 'server-error' }), kept),
    both('output not media', spoilt({ fault: 'not-media' }), failed('ProviderBadOutput')),
    both('output empty', spoilt({ fault: 'empty' }), failed('ProviderBadOutput')),
    both('output 3 frames too short', { output: short }, worksOnce),
  ];
};
