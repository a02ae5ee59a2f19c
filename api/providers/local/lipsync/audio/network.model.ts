import * as v from 'valibot';

/** What the network says of one step: raw opening and width, probabilities of closure and of a voice. */
export const OUTPUTS = 4;
export type SpeechNetwork = {
  inputs: number;
  hidden: number;
  w1: Float32Array;
  b1: Float32Array;
  w2: Float32Array;
  b2: Float32Array;
};

const WeightsFile = v.object({
  inputs: v.number(),
  hidden: v.number(),
  outputs: v.literal(OUTPUTS),
  weights: v.string(),
});

/**
 * Reads the weights that scripts/lipsync-training/train.ts wrote.
 * @throws Error when the file is not such a file or its counts don't fit: the installation is broken
 */
export function readNetwork(file: unknown): SpeechNetwork {
  const { inputs, hidden, weights } = v.parse(WeightsFile, file);
  const bytes = Uint8Array.fromBase64(weights);
  const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.byteLength / 4));
  const sizes = [hidden * inputs, hidden, OUTPUTS * hidden, OUTPUTS];
  if (numbers.length !== sizes.reduce((a, b) => a + b, 0))
    throw new Error('The weights of the speech network are incomplete; train them anew or reinstall.');
  let at = 0;
  const [w1, b1, w2, b2] = sizes.map((size) => {
    at += size;
    return numbers.subarray(at - size, at);
  });
  const none = new Float32Array(0);
  return { inputs, hidden, w1: w1 ?? none, b1: b1 ?? none, w2: w2 ?? none, b2: b2 ?? none };
}

/** Runs the network over rows of `inputs` numbers: rows × OUTPUTS. One hidden layer (tanh). */
export function runNetwork(network: SpeechNetwork, rows: Float32Array): Float32Array {
  const { inputs, hidden, w1, b1, w2, b2 } = network;
  const steps = Math.floor(rows.length / inputs);
  const out = new Float32Array(steps * OUTPUTS);
  const h = new Float32Array(hidden);
  for (let step = 0; step < steps; step += 1) {
    const at = step * inputs;
    for (let j = 0; j < hidden; j += 1) {
      let sum = b1[j] ?? 0;
      const row = j * inputs;
      for (let i = 0; i < inputs; i += 1) sum += (w1[row + i] ?? 0) * (rows[at + i] ?? 0);
      h[j] = Math.tanh(sum);
    }
    for (let k = 0; k < OUTPUTS; k += 1) {
      let sum = b2[k] ?? 0;
      for (let j = 0; j < hidden; j += 1) sum += (w2[k * hidden + j] ?? 0) * (h[j] ?? 0);
      out[step * OUTPUTS + k] = k < 2 ? sum : 1 / (1 + Math.exp(-sum));
    }
  }
  return out;
}
