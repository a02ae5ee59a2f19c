export type Counts = { passed: number; failed: number };

/** The totals that a JUnit report states in its first element; NaN when it states none. */
export function readReport(xml: string): Counts {
  const head = /<testsuites\b[^>]*>/.exec(xml)?.[0] ?? '';
  const stated = (name: string) => new RegExp(`\\b${name}="(\\d+)"`).exec(head)?.[1];
  const failed = Number(stated('failures') ?? Number.NaN) + Number(stated('errors') ?? 0);
  return { passed: Number(stated('tests') ?? Number.NaN) - failed - Number(stated('skipped') ?? 0), failed };
}
