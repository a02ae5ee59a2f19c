import { expect, test } from 'bun:test';
import { fuzzApi } from './api.fuzz';
import { fuzzMedia } from './media.fuzz';

/** Slices of `bun run fuzz`; a busy machine takes its time for them. */
const LIMIT_MS = 300_000;
const options = { seed: 11, lanes: 4, lengthMs: 60_000, tell: () => undefined };

test(
  'damaged media is refused or used, and leaves nothing behind',
  async () => {
    const report = await fuzzMedia({ ...options, count: 40 });
    expect(report.problems).toEqual([]);
    expect(report.files).toBeGreaterThan(0);
  },
  LIMIT_MS,
);

test(
  'no input of any operation gets an answer that is not declared',
  async () => {
    const report = await fuzzApi({ ...options, count: 600 });
    expect(report.problems).toEqual([]);
    expect(report.requests).toBeGreaterThan(0);
  },
  LIMIT_MS,
);
