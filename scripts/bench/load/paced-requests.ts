import type { Random } from '../../../api/shared/random';

/** One request: what it is, whether it only reads, and how it is sent. */
export type Action = { name: string; isRead: boolean; send(): Promise<Response> };

export type PacedReport = {
  /** Milliseconds of each read, counted from when it was due. */
  reads: number[];
  edits: number[];
  errors: string[];
};

/**
 * Sends requests at an even pace, however slowly they are answered: a server that falls behind can't
 * slow its callers down, and the times are those that people would wait.
 */
export async function sendPaced(options: {
  perSecond: number;
  seconds: number;
  next: (random: Random) => Action;
  random: Random;
}): Promise<PacedReport> {
  const report: PacedReport = { reads: [], edits: [], errors: [] };
  const began = performance.now();
  const open: Promise<void>[] = [];
  for (let number = 0; number < options.perSecond * options.seconds; number++) {
    const due = began + (number * 1000) / options.perSecond;
    const early = due - performance.now();
    if (early > 0) await Bun.sleep(early);
    open.push(measure(options.next(options.random), due, report));
  }
  await Promise.all(open);
  return report;
}

async function measure(action: Action, due: number, report: PacedReport): Promise<void> {
  try {
    const response = await action.send();
    const body = await response.arrayBuffer();
    const took = performance.now() - due;
    if (!response.ok) {
      report.errors.push(
        `${action.name}: ${response.status} ${new TextDecoder().decode(body).slice(0, 200)}`,
      );
    } else (action.isRead ? report.reads : report.edits).push(took);
  } catch (error) {
    report.errors.push(`${action.name}: ${String(error)}`);
  }
}

/** The value below which this share of all lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
}
