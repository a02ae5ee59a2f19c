import { expect, test } from 'bun:test';
import { everyInBackground, inBackground } from './background';
import type { Log } from './log';

function listeningLog() {
  const lines: { fields: Record<string, unknown>; event: string }[] = [];
  const first = Promise.withResolvers<void>();
  const warn = (fields: Record<string, unknown>, event: string) => {
    lines.push({ fields, event });
    first.resolve();
  };
  const silent = () => undefined;
  const log: Log = { debug: silent, info: silent, warn, error: silent, child: () => log };
  return { log, lines, first: first.promise };
}

test('what is thrown at once or later becomes a line of the log', async () => {
  for (const work of [
    () => Promise.reject(new Error('away')),
    () => {
      throw new Error('away');
    },
  ]) {
    const { log, lines, first } = listeningLog();
    inBackground(log, 'not_done', work);
    await first;
    expect(lines).toEqual([{ fields: { error: 'away' }, event: 'not_done' }]);
  }
});

test('a turn that fails does not keep the next from coming', async () => {
  const { log, lines } = listeningLog();
  const third = Promise.withResolvers<void>();
  let turns = 0;
  const timer = everyInBackground(1, log, 'not_done', async () => {
    turns++;
    if (turns < 3) throw new Error('away');
    third.resolve();
  });
  await third.promise;
  clearInterval(timer);
  expect(lines.length).toBe(2);
});
