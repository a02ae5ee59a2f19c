/** Pearson's correlation of two equally long curves; 0 when one of them is flat. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const count = Math.min(a.length, b.length);
  const meanA = mean(a, count);
  const meanB = mean(b, count);
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const da = (a[i] ?? 0) - meanA;
    const db = (b[i] ?? 0) - meanB;
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

/**
 * The shift of `b` (in frames, positive: b is late) at which the two curves agree best; of `a` only the
 * frames in `within`, when given.
 */
export function bestLag(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  within?: readonly boolean[],
  reach = 6,
): number {
  let best = 0;
  let most = -Infinity;
  for (let lag = -reach; lag <= reach; lag++) {
    const value = correlationAt(lag, a, b, within);
    if (value > most + 1e-9) {
      most = value;
      best = lag;
    }
  }
  return best;
}

/** The correlation of `a` with `b` taken `lag` frames later, over the frames that both have. */
export function correlationAt(
  lag: number,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  within?: readonly boolean[],
): number {
  const from: number[] = [];
  const to: number[] = [];
  for (let i = Math.max(0, -lag); i < Math.min(a.length, b.length - lag); i++) {
    if (within && !within[i]) continue;
    from.push(a[i] ?? 0);
    to.push(b[i + lag] ?? 0);
  }
  return correlation(from, to);
}

/**
 * The correlation that 95% of circular shifts of `b` stay below: what chance alone reaches with
 * curves of this very shape. Shifts nearer than `nearest` frames are left out.
 */
export function shiftedCorrelation95(a: ArrayLike<number>, b: ArrayLike<number>, nearest = 8): number {
  const values: number[] = [];
  const list = Array.from(b);
  for (let shift = nearest; shift <= list.length - nearest; shift++) {
    values.push(correlation(a, [...list.slice(shift), ...list.slice(0, shift)]));
  }
  return percentile(values, 0.95);
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

function mean(values: ArrayLike<number>, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i] ?? 0;
  return count > 0 ? sum / count : 0;
}
