import type {
  CallState,
  Charged,
  LedgerEntry,
  ProviderKind,
  ProviderName,
} from '../contract/provider.schema';
import { AppError } from '../shared/errors';

/** A call to a provider as the database holds it. Money in US dollars. */
export type CallRow = {
  id: string;
  projectId: string | null;
  sceneId: string | null;
  jobId: string;
  number: number;
  kind: ProviderKind;
  provider: ProviderName;
  model: string;
  state: CallState;
  open: boolean;
  remoteId: string | null;
  request: Record<string, unknown>;
  charged: Charged;
  estimatedUsd: number | null;
  costUsd: number | null;
  message: string | null;
  createdAt: Date;
  endedAt: Date | null;
};

/** The key of a job's n-th call: the job's own id at first, another one when people ask for it anew. */
export const idempotencyKey = (jobId: string, number: number) =>
  number === 1 ? jobId : `${jobId}.${number}`;

/** What a call has cost: what the provider told, else the estimate when it was charged. */
export function costOf(
  end: { charged: Charged; costUsd?: number },
  estimatedUsd: number | null,
): number | null {
  if (end.charged === 'no') return 0;
  if (end.charged === 'yes') return end.costUsd ?? estimatedUsd;
  return null;
}

/** What is spent for certain, and what may still be: calls that run, or whose outcome nobody knows. */
export function sumUp(calls: Pick<CallRow, 'charged' | 'costUsd' | 'estimatedUsd'>[]): {
  spentUsd: number;
  openUsd: number;
} {
  let spent = 0;
  let open = 0;
  for (const call of calls) {
    if (call.charged === 'yes') spent += call.costUsd ?? call.estimatedUsd ?? 0;
    if (call.charged === 'unknown') open += call.estimatedUsd ?? 0;
  }
  return { spentUsd: roundMoney(spent), openUsd: roundMoney(open) };
}

/** What all calls of a job have cost so far, and whether any was charged. */
export function costOfJob(calls: Pick<CallRow, 'charged' | 'costUsd'>[]): {
  costUsd?: number;
  charged: Charged;
} {
  const known = calls.flatMap(({ costUsd }) => (costUsd === null ? [] : [costUsd]));
  const has = (charged: Charged) => calls.some((call) => call.charged === charged);
  return {
    ...(known.length === 0 ? {} : { costUsd: roundMoney(known.reduce((sum, usd) => sum + usd, 0)) }),
    charged: has('yes') ? 'yes' : has('unknown') ? 'unknown' : 'no',
  };
}

/** The database keeps six decimals; sums of floating-point numbers have more. */
export const roundMoney = (usd: number) => Math.round(usd * 1_000_000) / 1_000_000;

/**
 * Whether a budget lets a job begin. Null when it does.
 * Calls whose outcome is unknown count as spent, so that a budget is never passed.
 */
export function budgetRefusal(
  budgetUsd: number | null,
  known: { spentUsd: number; openUsd: number },
  estimatedUsd: number | null,
): AppError | null {
  // What costs nothing fits in any budget, also in one that is used up.
  if (budgetUsd === null || estimatedUsd === 0) return null;
  if (estimatedUsd === null) {
    return new AppError({
      code: 'PriceUnknown',
      message:
        'This project has a budget, and no price of the model is known, so it can’t be said whether the job fits. Choose another model or provider, or remove the budget.',
      details: { budgetUsd },
    });
  }
  const left = roundMoney(budgetUsd - known.spentUsd - known.openUsd);
  if (estimatedUsd <= left) return null;
  const money = (usd: number) => `${Math.max(0, usd).toFixed(2)} USD`;
  return new AppError({
    code: 'BudgetExceeded',
    message: `This would cost about ${money(estimatedUsd)}, and ${money(left)} of the project's budget of ${money(budgetUsd)} are left. Nothing was started. Raise the budget, or use a cheaper provider.`,
    details: { budgetUsd, ...known, estimatedUsd },
  });
}

export function presentCall(row: CallRow): LedgerEntry {
  return {
    id: row.id,
    jobId: row.jobId,
    sceneId: row.sceneId,
    kind: row.kind,
    provider: row.provider,
    model: row.model,
    state: row.state,
    remoteId: row.remoteId,
    charged: row.charged,
    estimatedUsd: row.estimatedUsd,
    costUsd: row.costUsd,
    message: row.message,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}
