/** The sum of estimates; null when a price is unknown. */
export function sumUsd(estimates: { usd: number | null }[]): number | null {
  return estimates.reduce<number | null>(
    (sum, { usd }) => (sum === null || usd === null ? null : Math.round((sum + usd) * 1e6) / 1e6),
    0,
  );
}
