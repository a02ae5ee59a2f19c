export function clamp(value: number, low = 0, high = 1): number {
  return Math.min(Math.max(value, low), high);
}

/** 0 up to `low`, 1 from `high`, and smooth in between. */
export function smoothstep(low: number, high: number, value: number): number {
  const x = clamp((value - low) / (high - low));
  return x * x * (3 - 2 * x);
}
