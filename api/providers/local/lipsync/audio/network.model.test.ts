import { expect, test } from 'bun:test';
import { readNetwork, runNetwork } from './network.model';

const file = (numbers: number[]) => ({
  inputs: 1,
  hidden: 1,
  outputs: 4,
  weights: Buffer.from(Float32Array.from(numbers).buffer).toString('base64'),
});

test('one input through one hidden unit, by hand', () => {
  const network = readNetwork(file([2, 0.5, 1, -1, 0, 3, 0.1, 0.2, 0, 0]));
  const out = runNetwork(network, Float32Array.of(0.25, -0.25));
  const h = Math.tanh(1);
  [h + 0.1, -h + 0.2, 0.5, 1 / (1 + Math.exp(-3 * h))].forEach((value, k) => {
    expect(out[k]).toBeCloseTo(value, 5);
  });
  expect(out[4]).toBeCloseTo(0.1, 5);
  expect(out[6]).toBeCloseTo(0.5, 5);
});

test('weights that are cut short, or no weights at all, are refused', () => {
  expect(() => readNetwork(file([1, 2, 3]))).toThrow('incomplete');
  expect(() => readNetwork({ inputs: 1 })).toThrow();
});
