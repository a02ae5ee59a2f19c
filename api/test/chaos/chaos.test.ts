import { expect, test } from 'bun:test';
import { killsOf, totalFaults } from './chaos.report';
import { runChaos } from './chaos.run';

/** A short storm; `bun run test:chaos -- --seed N --minutes M` is the long one. */
test('what people were told holds through kills, stops, a restart of the database and a failing store', async () => {
  const report = await runChaos({
    seed: 7,
    stormMs: 12_000,
    lengthMs: 0,
    people: 3,
    workers: 2,
    longQuiets: false,
    quietWithinMs: 60_000,
    tell: () => undefined,
  });
  expect(report.violations).toEqual([]);
  expect(killsOf(report)).toBeGreaterThan(0);
  expect(totalFaults(report)).toBeGreaterThan(10);
  expect(report.checks['takes-are-stored']?.looks).toBe(1);
}, 300_000);
