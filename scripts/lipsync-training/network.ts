import { OUTPUTS, type SpeechNetwork } from '../../api/providers/local/lipsync/audio/network.model';
import type { Random } from '../../api/shared/random';

/** Columns: aperture, width, closed, voiced; `weights` says how much each counts in each row. */
export type Examples = {
  rows: number;
  inputs: number;
  x: Float32Array;
  y: Float32Array;
  weights: Float32Array;
};

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** Adam (Kingma & Ba 2015), its usual constants. */
function adam(size: number) {
  const m = new Float32Array(size);
  const v = new Float32Array(size);
  return (parameters: Float32Array, gradient: Float32Array, rate: number, step: number, decay: number) => {
    const correct = (rate * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
    for (let i = 0; i < size; i += 1) {
      const g = gradient[i] ?? 0;
      const mi = 0.9 * (m[i] ?? 0) + 0.1 * g;
      const vi = 0.999 * (v[i] ?? 0) + 0.001 * g * g;
      m[i] = mi;
      v[i] = vi;
      const p = parameters[i] ?? 0;
      parameters[i] = p - (correct * mi) / (Math.sqrt(vi) + 1e-8) - rate * decay * p;
      gradient[i] = 0;
    }
  };
}

function hiddenUnit(net: SpeechNetwork, unit: number, x: Float32Array, at: number): number {
  let sum = net.b1[unit] ?? 0;
  const row = unit * net.inputs;
  for (let i = 0; i < net.inputs; i += 1) sum += (net.w1[row + i] ?? 0) * (x[at + i] ?? 0);
  return Math.tanh(sum);
}

/** One example forward; fills `h` (after tanh) and `out`. Columns 2 and 3 are probabilities. */
function forward(net: SpeechNetwork, x: Float32Array, at: number, h: Float32Array, out: Float32Array): void {
  for (let j = 0; j < net.hidden; j += 1) h[j] = hiddenUnit(net, j, x, at);
  for (let k = 0; k < OUTPUTS; k += 1) {
    let sum = net.b2[k] ?? 0;
    for (let j = 0; j < net.hidden; j += 1) sum += (net.w2[k * net.hidden + j] ?? 0) * (h[j] ?? 0);
    out[k] = k < 2 ? sum : sigmoid(sum);
  }
}

export type TrainingOptions = {
  hidden: number;
  epochs: number;
  random: Random;
  rate: number;
  decay: number;
  /** How much each output counts, beside the examples' own weights; 0: it is not taught. */
  counts: readonly number[];
  /** Share of hidden units left out of each example. */
  dropout: number;
  /** Spread of the noise added to inputs whose own spread is 1 (Bishop 1995: the same as smoothing). */
  inputNoise: number;
};

/** Numbers of a bell curve to draw runs from: drawing each anew would take longer than the training. */
function noiseTable(random: Random, spread: number): Float32Array {
  const bell = () => Math.sqrt(-2 * Math.log(random.next() + 1e-12)) * Math.cos(2 * Math.PI * random.next());
  return Float32Array.from({ length: 1 << 18 }, () => spread * bell());
}

/**
 * Trains a network with one hidden layer: squared error for opening and width, cross entropy for the
 * two probabilities (both have the same gradient at the output).
 */
export function trainNetwork(
  examples: Examples,
  options: TrainingOptions,
  report: (epoch: number, loss: number) => void,
): SpeechNetwork {
  const { inputs, rows, x, y, weights } = examples;
  const { hidden, random } = options;
  const uniform = (size: number, reach: number) =>
    Float32Array.from({ length: size }, () => random.between(-reach, reach));
  const net: SpeechNetwork = {
    inputs,
    hidden,
    w1: uniform(hidden * inputs, Math.sqrt(3 / inputs)),
    b1: new Float32Array(hidden),
    w2: uniform(OUTPUTS * hidden, Math.sqrt(1 / hidden)),
    b2: new Float32Array(OUTPUTS),
  };
  const parts = [net.w1, net.b1, net.w2, net.b2].map((p) => ({
    p,
    g: new Float32Array(p.length),
    step: adam(p.length),
  }));
  const [g1, gb1, g2, gb2] = parts.map((p) => p.g) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const h = new Float32Array(hidden);
  const mask = new Float32Array(hidden);
  const seen = new Float32Array(inputs);
  const noise = noiseTable(random, options.inputNoise);
  const dh = new Float32Array(hidden);
  const order = Uint32Array.from({ length: rows }, (_, i) => i);
  const batch = 64;
  let step = 0;
  for (let epoch = 0; epoch < options.epochs; epoch += 1) {
    for (let i = rows - 1; i > 0; i -= 1) {
      const j = Math.floor(random.next() * (i + 1));
      const swap = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = swap;
    }
    const rate = options.rate * 0.5 * (1 + Math.cos((Math.PI * epoch) / options.epochs));
    let loss = 0;
    for (let start = 0; start + batch <= rows; start += batch) {
      for (let b = 0; b < batch; b += 1) {
        const example = order[start + b] ?? 0;
        const at = example * inputs;
        const shift = Math.floor(random.next() * (noise.length - inputs));
        for (let i = 0; i < inputs; i += 1) seen[i] = (x[at + i] ?? 0) + (noise[shift + i] ?? 0);
        for (let j = 0; j < hidden; j += 1) {
          mask[j] = random.next() < options.dropout ? 0 : 1 / (1 - options.dropout);
          h[j] = mask[j] === 0 ? 0 : hiddenUnit(net, j, seen, 0);
        }
        dh.fill(0);
        for (let k = 0; k < OUTPUTS; k += 1) {
          let sum = net.b2[k] ?? 0;
          for (let j = 0; j < hidden; j += 1)
            sum += (net.w2[k * hidden + j] ?? 0) * (h[j] ?? 0) * (mask[j] ?? 0);
          const value = k < 2 ? sum : sigmoid(sum);
          const error = value - (y[example * OUTPUTS + k] ?? 0);
          const e = (error * (options.counts[k] ?? 0) * (weights[example * OUTPUTS + k] ?? 0)) / batch;
          loss += e * error;
          gb2[k] = (gb2[k] ?? 0) + e;
          for (let j = 0; j < hidden; j += 1) {
            g2[k * hidden + j] = (g2[k * hidden + j] ?? 0) + e * (h[j] ?? 0) * (mask[j] ?? 0);
            dh[j] = (dh[j] ?? 0) + e * (net.w2[k * hidden + j] ?? 0) * (mask[j] ?? 0);
          }
        }
        for (let j = 0; j < hidden; j += 1) {
          const d = (dh[j] ?? 0) * (1 - (h[j] ?? 0) ** 2);
          if (d === 0) continue;
          gb1[j] = (gb1[j] ?? 0) + d;
          const row = j * inputs;
          for (let i = 0; i < inputs; i += 1) g1[row + i] = (g1[row + i] ?? 0) + d * (seen[i] ?? 0);
        }
      }
      step += 1;
      for (const part of parts) part.step(part.p, part.g, rate, step, options.decay);
    }
    report(epoch, loss / (rows / batch));
  }
  return net;
}

/** One network that answers as the first, but for the outputs named, which it answers as the second. */
export function joinNetworks(
  first: SpeechNetwork,
  second: SpeechNetwork,
  ofSecond: readonly number[],
): SpeechNetwork {
  const row = (k: number) => {
    const taken = ofSecond.includes(k);
    const own = (net: SpeechNetwork) => net.w2.slice(k * net.hidden, (k + 1) * net.hidden);
    return [...own(first).map((w) => (taken ? 0 : w)), ...own(second).map((w) => (taken ? w : 0))];
  };
  return {
    inputs: first.inputs,
    hidden: first.hidden + second.hidden,
    w1: Float32Array.from([...first.w1, ...second.w1]),
    b1: Float32Array.from([...first.b1, ...second.b1]),
    w2: Float32Array.from(Array.from({ length: OUTPUTS }, (_, k) => row(k)).flat()),
    b2: first.b2.map((b, k) => (ofSecond.includes(k) ? (second.b2[k] ?? 0) : b)),
  };
}

/** Correlations of aperture and width, and areas under the curve of closed and voiced. */
export function scoreNetwork(net: SpeechNetwork, examples: Examples): number[] {
  const h = new Float32Array(net.hidden);
  const out = new Float32Array(OUTPUTS);
  const said: [number, number][][] = [[], [], [], []];
  for (let row = 0; row < examples.rows; row += 1) {
    forward(net, examples.x, row * examples.inputs, h, out);
    for (let k = 0; k < OUTPUTS; k += 1)
      if ((examples.weights[row * OUTPUTS + k] ?? 0) > 0)
        said[k]?.push([out[k] ?? 0, examples.y[row * OUTPUTS + k] ?? 0]);
  }
  return said.map((pairs, k) => (k < 2 ? correlation(pairs) : areaUnderCurve(pairs)));
}

export function correlation(pairs: readonly (readonly [number, number])[]): number {
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (const [p, q] of pairs) {
    a += p;
    b += q;
    aa += p * p;
    bb += q * q;
    ab += p * q;
  }
  const n = pairs.length;
  return (n * ab - a * b) / Math.sqrt((n * aa - a * a) * (n * bb - b * b) || 1);
}

function areaUnderCurve(pairs: readonly (readonly [number, number])[]): number {
  const sorted = [...pairs].sort((p, q) => p[0] - q[0]);
  let [ranks, yes] = [0, 0];
  sorted.forEach(([, truth], i) => {
    if (truth < 0.5) return;
    ranks += i + 1;
    yes += 1;
  });
  const no = sorted.length - yes;
  return (ranks - (yes * (yes + 1)) / 2) / (yes * no || 1);
}
