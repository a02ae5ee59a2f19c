/** A line of the table: what was met at which provider, what people saw, and what it cost. */
export type FaultLine = {
  fault: string;
  provider: 'Replicate' | 'sync.so';
  sees: string;
  charged: number;
  after: string;
};

const cell = (text: string) => text.replaceAll('|', '\\|').replace(/\s+/g, ' ');

/** The table as `.devdocs/provider-faults.md` has it. */
export function faultTable(lines: FaultLine[]): string {
  const rows = lines.map(
    ({ fault, provider, sees, charged, after }) =>
      `| ${[fault, provider, sees, String(charged), after].map(cell).join(' | ')} |`,
  );
  return [
    '# What goes wrong at a provider, and what people see',
    '',
    'Made by `bun test api/test/journeys/provider-faults.test.ts`, which runs every line through the whole',
    'studio: API, queue, worker, Postgres, S3, ffmpeg, and doubles of the providers that count what they would',
    'have charged. It fails when this file says something else than the run did.',
    '',
    'A failed lip-sync leaves the scene’s current take as it was. “call accepted” with a failed job means that',
    'the provider has the job and Retry goes on with it, without paying again.',
    '',
    '| fault | provider | what the user sees | charged | afterwards |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
