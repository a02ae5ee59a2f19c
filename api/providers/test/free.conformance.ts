import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { JobCanceled } from '../../shared/job-stops';
import { createLog } from '../../shared/log';
import type { PaidCalls, ProviderContext, ProviderOutcome } from '../provider.types';

export type FreeSubject = {
  title: string;
  prepare(): Promise<void>;
  /** `bad`: with an input that it can't use. */
  run(context: ProviderContext, input: 'good' | 'bad'): Promise<ProviderOutcome>;
  outputPath(): string;
  close(): Promise<void>;
  limitMs: number;
};

const refuse = () => Promise.reject(new Error('A provider that costs nothing makes no paid calls.'));
const calls: PaidCalls = {
  open: refuse,
  intend: refuse,
  accepted: refuse,
  unsure: refuse,
  charged: refuse,
  end: refuse,
};

/** What holds for providers of this machine as it does for those that are paid. */
export function freeConformance(subject: FreeSubject): void {
  describe(subject.title, () => {
    beforeAll(subject.prepare, subject.limitMs);
    afterAll(subject.close);
    const context = (change: Partial<ProviderContext> = {}): ProviderContext => ({
      signal: new AbortController().signal,
      progress: () => undefined,
      log: createLog('silent'),
      calls,
      waitForWebhook: refuse,
      share: refuse,
      webhookUrl: null,
      ...change,
    });

    test(
      'makes it, costs nothing, tells how far it is',
      async () => {
        const fractions: number[] = [];
        const outcome = await subject.run(
          context({ progress: (_stage, fraction) => void fractions.push(fraction) }),
          'good',
        );
        expect(outcome).toMatchObject({
          costUsd: 0,
          model: expect.any(String),
          ignoredOptions: expect.any(Array),
        });
        expect(existsSync(subject.outputPath())).toBe(true);
        expect(fractions.length).toBeGreaterThan(0);
        expect(fractions.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
      },
      subject.limitMs,
    );

    test('one that is canceled already does nothing', async () => {
      const signal = AbortSignal.abort(new JobCanceled());
      await expect(subject.run(context({ signal }), 'good')).rejects.toThrow();
    });

    test(
      'a cancel ends it',
      async () => {
        const stop = new AbortController();
        const running = subject.run(
          context({ signal: stop.signal, progress: () => stop.abort(new JobCanceled()) }),
          'good',
        );
        await expect(running).rejects.toBeInstanceOf(JobCanceled);
      },
      subject.limitMs,
    );

    test(
      'what it can’t use is refused in words',
      async () => {
        const thrown: unknown = await subject.run(context(), 'bad').catch((error: unknown) => error);
        expect(thrown).toMatchObject({ code: expect.any(String), message: expect.stringMatching(/\w+ \w+/) });
      },
      subject.limitMs,
    );
  });
}
