import { correlation, type Examples, OUTPUTS } from './network';

/** The baseline: ridge regression of the aperture on the same inputs (normal equations, Cholesky). */
export function ridgeApertureScore(training: Examples, test: Examples, stride: number): number {
  const n = training.inputs;
  const a = new Float64Array(n * n);
  const b = new Float64Array(n);
  let mean = 0;
  for (let row = 0; row < training.rows; row += stride)
    mean += ((training.y[row * OUTPUTS] ?? 0) * stride) / training.rows;
  for (let row = 0; row < training.rows; row += stride) {
    const at = row * n;
    const y = (training.y[row * OUTPUTS] ?? 0) - mean;
    for (let i = 0; i < n; i += 1) {
      const xi = training.x[at + i] ?? 0;
      b[i] = (b[i] ?? 0) + xi * y;
      for (let j = 0; j <= i; j += 1) a[i * n + j] = (a[i * n + j] ?? 0) + xi * (training.x[at + j] ?? 0);
    }
  }
  for (let i = 0; i < n; i += 1) a[i * n + i] = (a[i * n + i] ?? 0) + (training.rows / stride) * 0.01;
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let sum = a[i * n + j] ?? 0;
      for (let k = 0; k < j; k += 1) sum -= (a[i * n + k] ?? 0) * (a[j * n + k] ?? 0);
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / (a[j * n + j] ?? 1);
    }
  for (let i = 0; i < n; i += 1) {
    let sum = b[i] ?? 0;
    for (let k = 0; k < i; k += 1) sum -= (a[i * n + k] ?? 0) * (b[k] ?? 0);
    b[i] = sum / (a[i * n + i] ?? 1);
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = b[i] ?? 0;
    for (let k = i + 1; k < n; k += 1) sum -= (a[k * n + i] ?? 0) * (b[k] ?? 0);
    b[i] = sum / (a[i * n + i] ?? 1);
  }
  const pairs = Array.from({ length: test.rows }, (_, row): [number, number] => {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum += (b[i] ?? 0) * (test.x[row * n + i] ?? 0);
    return [sum, test.y[row * OUTPUTS] ?? 0];
  });
  return correlation(pairs);
}
