import { answerCalls } from '../thread.calls';

export type TestQuestion = {
  kind: 'double' | 'refuse' | 'crash' | 'hang';
  numbers: Float32Array<ArrayBuffer>;
};

/** A thread for the tests of calls: answers, refuses, crashes or never answers. */
answerCalls<TestQuestion, Float32Array>(async ({ kind, numbers }) => {
  if (kind === 'refuse') throw new Error('three is no number');
  if (kind === 'crash') {
    setTimeout(() => {
      throw new Error('out of order');
    });
  }
  if (kind !== 'double') return new Promise(() => undefined);
  for (const [i, value] of numbers.entries()) numbers[i] = 2 * value;
  return { answer: numbers, moved: [numbers.buffer] };
});
