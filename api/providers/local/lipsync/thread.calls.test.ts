import { expect, test } from 'bun:test';
import type { TestQuestion } from './test/calls.thread';
import { startThread } from './thread.calls';

const start = () =>
  startThread<TestQuestion, Float32Array>(new URL('./test/calls.thread.ts', import.meta.url), 'The test');
const question = (kind: TestQuestion['kind']): TestQuestion => ({ kind, numbers: Float32Array.of(1, 2) });
const outcomeOf = (answer: Promise<Float32Array>) =>
  answer.then(
    (numbers) => [...numbers],
    (error: Error) => error.message,
  );

test('answers go to who asked, errors too, and buffers move instead of being copied', async () => {
  const thread = start();
  const own = question('double');
  const answers = [thread.ask(own, [own.numbers.buffer]), thread.ask(question('refuse'), [])];
  expect(own.numbers).toHaveLength(0);
  expect(await Promise.all(answers.map(outcomeOf))).toEqual([[2, 4], 'The test failed: three is no number']);
  expect(await outcomeOf(thread.ask(question('double'), []))).toEqual([2, 4]);
  thread.stop();
});

test('nobody waits for a thread that crashed or was stopped, also who asks later', async () => {
  const crashed = start();
  const waiting = [crashed.ask(question('hang'), []), crashed.ask(question('crash'), [])];
  for (const message of await Promise.all(waiting.map(outcomeOf))) {
    expect(message).toContain('The test could not be run');
    expect(message).toContain('out of order');
  }
  expect(await outcomeOf(crashed.ask(question('double'), []))).toContain('could not be run');
  const stopped = start();
  const hanging = outcomeOf(stopped.ask(question('hang'), []));
  stopped.stop();
  expect(await hanging).toBe('The test was stopped.');
  expect(await outcomeOf(stopped.ask(question('double'), []))).toBe('The test was stopped.');
});
