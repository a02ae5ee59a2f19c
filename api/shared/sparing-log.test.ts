import { expect, test } from 'bun:test';
import type { Log } from './log';
import { sparingWarnings } from './sparing-log';

test('one line of each event at once, later ones with how many were left out', () => {
  const lines: unknown[] = [];
  const silent = () => undefined;
  const warn = (fields: Record<string, unknown>, event: string) => lines.push([event, fields]);
  const log: Log = { debug: silent, info: silent, warn, error: silent, child: () => log };
  let time = 0;
  const sparing = sparingWarnings(log, { repeatMs: 1000, now: () => time });
  for (time = 0; time < 2500; time += 100) {
    sparing({ error: 'away' }, 'queue_error');
    if (time === 500) sparing({}, 'other');
  }
  expect(lines).toEqual([
    ['queue_error', { error: 'away' }],
    ['other', {}],
    ['queue_error', { error: 'away', leftOut: 9 }],
    ['queue_error', { error: 'away', leftOut: 9 }],
  ]);
});
