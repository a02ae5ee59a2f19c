import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { newId } from '../../shared/ids';
import { JobCanceled, JobInterrupted } from '../../shared/job-stops';
import { type DoubleOutput, readOutput } from '../../test/doubles/http/output';
import type { PaidSettings } from '../paid/paid-run';
import type { ProviderContext, ProviderOutcome } from '../provider.types';
import type { Course, Vendor, VendorTraits } from './conformance.types';
import { createPaidBench, type PaidBench } from './paid.bench';

/** What stays the same whichever provider it is. */
export type PaidSubject = {
  title: string;
  provider: string;
  traits: VendorTraits;
  start: () => Promise<Vendor>;
  /** Makes the provider on this vendor and runs it once. */
  run: (
    vendor: Vendor,
    of: { bench: PaidBench; settings: PaidSettings; jobId: string; outputPath: string },
    context: ProviderContext,
  ) => Promise<ProviderOutcome>;
  output: (bench: PaidBench) => Promise<DoubleOutput>;
};

type Expected = {
  /** Code of the error; null: it works out. */
  code: string | null;
  charged?: 'no' | 'yes' | 'unknown';
  creates: 0 | 1;
  /** Of the call afterwards; `open` ones are taken up by the next run. */
  state: string;
  open?: boolean;
};
type Row = { fault: string; course: Omit<Course, 'output'> & { output?: Partial<DoubleOutput> } } & {
  expected: Expected | ((vendor: VendorTraits) => Expected);
  settings?: Partial<PaidSettings>;
};

const works: Expected = { code: null, creates: 1, state: 'succeeded' };
const refused = (code: string): Expected => ({ code, charged: 'no', creates: 0, state: 'refused' });
const lost: Expected = { code: 'ProviderOutcomeUnknown', charged: 'unknown', creates: 0, state: 'unknown' };
const lostUnlessRepeated = ({ repeatsByKey }: VendorTraits) => (repeatsByKey ? works : lost);
const bad: Expected = { code: 'ProviderBadOutput', charged: 'yes', creates: 1, state: 'failed' };
const gone: Expected = { code: 'ProviderOutputGone', charged: 'yes', creates: 1, state: 'failed' };
const kept: Expected = {
  code: 'ProviderOutputNotFetched',
  charged: 'yes',
  creates: 1,
  state: 'accepted',
  open: true,
};

/** The fault table: what is met, what the user is told, how often it was paid, what is left. */
const faultRows: Row[] = [
  { fault: '401 on create', course: { create: 401 }, expected: refused('ProviderTokenRefused') },
  { fault: '402 on create', course: { create: 402 }, expected: refused('ProviderCreditMissing') },
  { fault: '413 on create', course: { create: 413 }, expected: refused('ProviderInputTooLarge') },
  { fault: '422 on create', course: { create: 'input-invalid' }, expected: refused('ProviderInputRefused') },
  { fault: '429 with a time', course: { create: 'throttled' }, expected: works },
  { fault: '429 without a time', course: { create: 'throttled-silently' }, expected: works },
  { fault: '500 on create', course: { create: 500 }, expected: lostUnlessRepeated },
  { fault: '502 after accept', course: { create: 'bad-gateway-after' }, expected: works },
  {
    fault: 'reset before accept',
    course: { create: 'reset-before' },
    expected: lostUnlessRepeated,
  },
  { fault: 'reset after accept', course: { create: 'reset-after' }, expected: works },
  { fault: 'time-out on create', course: { create: 'stall' }, expected: works },
  { fault: 'reset, 500, 429 while polling', course: { polls: ['reset', 500, 429] }, expected: works },
  { fault: '404 right after create', course: { polls: [404] }, expected: works },
  {
    fault: '404 for good',
    course: { polls: [404, 404, 404, 404] },
    expected: { code: 'ProviderJobGone', charged: 'unknown', creates: 1, state: 'failed' },
  },
  {
    fault: '401 while polling',
    course: { polls: [401] },
    expected: { code: 'ProviderTokenRefused', charged: 'unknown', creates: 1, state: 'accepted', open: true },
  },
  {
    fault: 'failed',
    course: { end: 'failure' },
    expected: { code: 'ProviderFailed', charged: 'unknown', creates: 1, state: 'failed' },
  },
  {
    fault: 'aborted or rejected before it began',
    course: { end: 'not-started' },
    expected: ({ notStarted }) => ({ ...notStarted, charged: 'no', creates: 1 }),
  },
  { fault: 'a status that we don’t know', course: { end: 'strange-then-success' }, expected: works },
  {
    fault: 'the deadline passes',
    course: { end: 'never' },
    settings: { limitMinutes: 0.5 / 60 },
    expected: ({ cancels }) => ({
      code: 'ProviderTimeout',
      charged: cancels ? 'yes' : 'unknown',
      creates: 1,
      state: 'failed',
    }),
  },
  {
    fault: 'output deleted',
    course: { dataRemoved: true },
    expected: ({ freshOutputUrls }) => (freshOutputUrls ? works : gone),
  },
  { fault: 'output answers 404', course: { output: { fault: 'gone' } }, expected: gone },
  { fault: 'output expired once', course: { output: { fault: 'expired', faultTimes: 1 } }, expected: works },
  {
    fault: 'output expired for good',
    course: { output: { fault: 'expired' } },
    expected: ({ freshOutputUrls }) => (freshOutputUrls ? works : kept),
  },
  {
    fault: 'output truncated once',
    course: { output: { fault: 'truncated', faultTimes: 1 } },
    expected: works,
  },
  { fault: 'output truncated always', course: { output: { fault: 'truncated' } }, expected: kept },
  { fault: 'output’s server is down', course: { output: { fault: 'server-error' } }, expected: kept },
  { fault: 'output not media', course: { output: { fault: 'not-media' } }, expected: bad },
  { fault: 'output empty', course: { output: { fault: 'empty' } }, expected: bad },
  { fault: 'output redirects for ever', course: { output: { fault: 'redirect-loop' } }, expected: kept },
];

/** The suite that every paid provider passes. */
export function paidConformance(subject: PaidSubject): void {
  describe(subject.title, () => {
    let bench: PaidBench;
    let vendor: Vendor;
    let good: DoubleOutput;
    let jobId: string;
    let outputPath: string;
    beforeAll(async () => {
      bench = await createPaidBench();
      good = await subject.output(bench);
    });
    afterAll(() => bench.close());
    beforeEach(async () => {
      vendor = await subject.start();
      jobId = newId();
      outputPath = bench.path(`${jobId}.out`);
    });
    afterEach(async () => {
      expect(vendor.leaks).toEqual([]);
      expect(bench.written.filter((line) => line.includes(vendor.secret))).toEqual([]);
      await vendor.close();
    });

    const run = (change: Partial<ProviderContext> = {}, settings: Partial<PaidSettings> = {}) =>
      subject.run(
        vendor,
        { bench, settings: { ...bench.settings, ...settings }, jobId, outputPath },
        bench.context(jobId, change),
      );
    const course = (given: Row['course']) => {
      const { output, ...rest } = given;
      vendor.course({ ...rest, output: { ...good, ...output } });
    };
    const thrownBy = async (running: Promise<unknown>): Promise<unknown> => {
      try {
        await running;
      } catch (thrown) {
        return thrown;
      }
      return null;
    };

    test('makes it, tells how far it is, what it cost and what it made', async () => {
      course({});
      const fractions: number[] = [];
      const outcome = await run({ progress: (_stage, fraction) => void fractions.push(fraction) });
      expect(outcome).toMatchObject({
        costUsd: expect.any(Number),
        report: { remoteId: vendor.ledger[0]?.id },
      });
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
      expect(fractions.at(-1)).toBe(1);
      const made = new Uint8Array(await readOutput(good));
      expect(Bun.deepEquals(await Bun.file(outputPath).bytes(), made)).toBe(true);
      expect(await bench.states(jobId)).toEqual([
        { state: 'succeeded', charged: 'yes', open: false, remoteId: vendor.ledger[0]?.id ?? '' },
      ]);
    });

    for (const row of faultRows) {
      test(`${row.fault}`, async () => {
        course(row.course);
        const expected = typeof row.expected === 'function' ? row.expected(subject.traits) : row.expected;
        const thrown = await thrownBy(run({}, row.settings));
        const charged = vendor.ledger.filter((create) => create.charged).length;
        expect(vendor.ledger.length).toBe(expected.creates);
        expect(charged).toBeLessThanOrEqual(1);
        if (expected.code === null) expect(thrown).toBeNull();
        else {
          expect(thrown).toMatchObject({
            code: expected.code,
            details: { provider: subject.provider, charged: expected.charged },
          });
          const message = thrown instanceof Error ? thrown.message : '';
          expect(message).toMatch(/charged/);
          expect(JSON.stringify(thrown) + message).not.toContain(vendor.secret);
          expect(existsSync(outputPath)).toBe(false);
        }
        const [state, ...others] = await bench.states(jobId);
        expect(others).toEqual([]);
        expect(state).toMatchObject({ state: expected.state, open: expected.open ?? false });
      });
    }

    test('what could not be fetched is fetched by the next run and paid once', async () => {
      course({});
      const fetchToFile = () => Promise.reject(new Error('The network is down.'));
      expect(await thrownBy(run({}, { fetchToFile }))).toMatchObject({
        code: 'ProviderOutputNotFetched',
        retryable: true,
      });
      expect(await bench.states(jobId)).toMatchObject([{ state: 'accepted', open: true }]);
      await run();
      expect(vendor.ledger).toHaveLength(1);
      expect(await bench.states(jobId)).toMatchObject([{ state: 'succeeded', charged: 'yes' }]);
    });

    test('a result that was lost before it was stored is fetched again and paid once', async () => {
      course({});
      const first = await run({ endsCallsWhenStored: true });
      expect(await bench.states(jobId)).toMatchObject([{ state: 'accepted', open: true }]);
      // Here its process is killed: the next run has nothing but the call.
      const second = await run({ endsCallsWhenStored: true });
      expect(second.unended).toEqual(first.unended);
      if (second.unended) await bench.calls(jobId).end(second.unended.callId, second.unended.end);
      expect(vendor.ledger).toHaveLength(1);
      expect(await bench.states(jobId)).toMatchObject([{ state: 'succeeded', charged: 'yes', open: false }]);
    });

    test('a run that is stopped is finished by another one with one create', async () => {
      course({ end: 'never' });
      const stop = new AbortController();
      const first = thrownBy(run({ signal: stop.signal }));
      const { id } = await vendor.awaitCreate();
      await untilAccepted();
      stop.abort(new JobInterrupted());
      expect(await first).toBe(stop.signal.reason);
      expect(await bench.states(jobId)).toMatchObject([{ state: 'accepted', open: true, remoteId: id }]);
      vendor.change(id, { output: good });
      await run();
      expect(vendor.ledger).toHaveLength(1);
      expect(await bench.states(jobId)).toMatchObject([{ state: 'succeeded', remoteId: id }]);
    });

    test('one that is killed before the id is stored is found again and paid once', async () => {
      course({});
      const calls = bench.calls(jobId);
      const killed = { ...calls, accepted: () => Promise.reject(new Error('killed')) };
      expect(await thrownBy(run({ calls: killed }))).toMatchObject({ code: 'ProviderUnreachable' });
      expect(await bench.states(jobId)).toMatchObject([{ state: 'intended', open: true, remoteId: null }]);
      await run();
      expect(vendor.ledger).toHaveLength(1);
      expect(await bench.states(jobId)).toMatchObject([{ state: 'succeeded', charged: 'yes' }]);
    });

    test('a refused repetition does not say that the first sending was free', async () => {
      course({});
      const killed = { ...bench.calls(jobId), accepted: () => Promise.reject(new Error('killed')) };
      await thrownBy(run({ calls: killed }));
      // Others are sent nothing again: the next create is never made.
      vendor.refuseNextCreate(401);
      vendor.refuseNextCreate(402);
      if (subject.traits.repeatsByKey) {
        expect(await thrownBy(run())).toMatchObject({
          code: 'ProviderTokenRefused',
          details: { charged: 'unknown' },
        });
        expect(await bench.states(jobId)).toMatchObject([{ state: 'intended', open: true }]);
        expect(await thrownBy(run())).toMatchObject({ code: 'ProviderOutcomeUnknown' });
        expect(await bench.states(jobId)).toMatchObject([{ state: 'unknown', open: false }]);
      } else await run();
      expect(vendor.ledger).toHaveLength(1);
    });

    test('a cancel reaches the provider', async () => {
      course({ end: 'never' });
      const stop = new AbortController();
      const running = thrownBy(run({ signal: stop.signal }));
      const { id } = await vendor.awaitCreate();
      await untilAccepted();
      stop.abort(new JobCanceled());
      expect(await running).toBe(stop.signal.reason);
      expect(vendor.isCanceled(id)).toBe(subject.traits.cancels);
      expect(await bench.states(jobId)).toMatchObject([{ state: 'canceled', open: false }]);
    });

    test('one that is canceled before anything was sent costs nothing', async () => {
      const signal = AbortSignal.abort(new JobCanceled());
      expect(await thrownBy(run({ signal }))).toBe(signal.reason);
      expect(vendor.ledger).toHaveLength(0);
      expect(await bench.states(jobId)).toEqual([]);
    });

    /** Waits for the row, not for time: the provider's id is stored. */
    async function untilAccepted(): Promise<void> {
      while ((await bench.states(jobId))[0]?.state !== 'accepted') await Bun.sleep(5);
    }
  });
}
