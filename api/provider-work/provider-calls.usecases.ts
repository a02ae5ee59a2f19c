import type { Database, Transaction } from '../../db/connect';
import type { Job } from '../contract/job.schema';
import type { Ledger } from '../contract/provider.schema';
import type { Jobs } from '../jobs/jobs.types';
import { requireProject } from '../library/projects.lookup';
import { lockProject } from '../library/projects.repository';
import type { CallEnd, PaidCalls, ProviderCall } from '../providers/provider.types';
import { AppError } from '../shared/errors';
import type { NewId } from '../shared/ids';
import {
  acceptCall,
  chargeCall,
  doubtCall,
  endCall,
  findBudget,
  findOpenCall,
  insertCall,
  listCalls,
  listCallsOfJob,
} from './provider-calls.repository';
import {
  budgetRefusal,
  type CallRow,
  costOf,
  costOfJob,
  idempotencyKey,
  presentCall,
  sumUp,
} from './provider-calls.rules';

const callStillOpen = () =>
  new AppError({
    code: 'CallStillOpen',
    status: 409,
    message: 'This job has a call at its provider that has not ended; another one was not made.',
  });

/** The call was given up while its answer was under way: what it started is to be stopped, not used. */
const callGivenUp = () =>
  new AppError({
    code: 'CallGivenUp',
    message:
      'The call had been given up before its answer came; what it started was canceled at the provider.',
  });

export type ProviderCallUsecases = ReturnType<typeof createProviderCallUsecases>;

/** What was called at providers, for whom, and what it costs: the memory that keeps anything from being paid twice. */
export function createProviderCallUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'record'>;
}) {
  const { sql, newId, jobs } = deps;

  /**
   * Refuses what would pass a project's budget. Call it with the project's row locked.
   * @throws AppError 409 `BudgetExceeded`, `PriceUnknown`
   */
  async function checkBudget(tx: Transaction, projectId: string, estimatedUsd: number | null): Promise<void> {
    const budget = await findBudget(tx, projectId);
    const refusal =
      budget === null ? null : budgetRefusal(budget, sumUp(await listCalls(tx, projectId)), estimatedUsd);
    if (refusal !== null) throw refusal;
  }

  /** Shows on the job what its calls have cost and whether any was charged. */
  async function tellJob(tx: Transaction, jobId: string): Promise<void> {
    await jobs.record(jobId, costOfJob(await listCallsOfJob(tx, jobId)), tx);
  }

  async function end(tx: Transaction, jobId: string, callId: string, outcome: CallEnd): Promise<void> {
    const open = await findOpenCall(tx, jobId);
    if (open?.id !== callId) return;
    const ended = await endCall(tx, callId, {
      state: outcome.state,
      charged: outcome.charged,
      costUsd: costOf(outcome, open.estimatedUsd),
      message: outcome.message ?? null,
    });
    if (ended) await tellJob(tx, jobId);
  }

  return {
    checkBudget,

    /** Whether a project's budget lets something begin; null when it has none. */
    async fitsBudget(projectId: string, estimatedUsd: number | null): Promise<boolean | null> {
      const budget = await findBudget(sql, projectId);
      if (budget === null) return null;
      return budgetRefusal(budget, sumUp(await listCalls(sql, projectId)), estimatedUsd) === null;
    },

    /** Ends the call of a result in the transaction that stores it; a kill before that pays nothing twice. */
    end,

    forJob(job: Pick<Job, 'id' | 'projectId' | 'sceneId'>): PaidCalls {
      return {
        async open() {
          const row = await findOpenCall(sql, job.id);
          return row === null ? null : toCall(row);
        },

        async intend(call) {
          const inserted = await sql.begin(async (tx) => {
            if (job.projectId !== null) {
              await lockProject(tx, job.projectId);
              await checkBudget(tx, job.projectId, call.estimatedUsd);
            }
            const row = await insertCall(tx, {
              id: newId(),
              projectId: job.projectId,
              sceneId: job.sceneId,
              jobId: job.id,
              ...call,
            });
            if (row !== null) await tellJob(tx, job.id);
            return row;
          });
          if (inserted === null) throw callStillOpen();
          return toCall(inserted);
        },

        async accepted(callId, remoteId) {
          if (!(await acceptCall(sql, callId, remoteId))) throw callGivenUp();
          await jobs.record(job.id, { providerJobId: remoteId });
        },

        async unsure(callId, message) {
          await doubtCall(sql, callId, message);
        },

        async charged(callId) {
          await sql.begin(async (tx) => {
            await chargeCall(tx, callId);
            await tellJob(tx, job.id);
          });
        },

        async end(callId, outcome) {
          await sql.begin((tx) => end(tx, job.id, callId, outcome));
        },
      };
    },

    /** @throws AppError `ProjectNotFound` */
    async ledger(projectId: string): Promise<Ledger> {
      const project = await requireProject(sql, projectId);
      const calls = await listCalls(sql, project.id);
      return {
        entries: calls.map(presentCall),
        ...sumUp(calls),
        budgetUsd: await findBudget(sql, project.id),
      };
    },
  };
}

/** An open row as providers know it. */
export function toCall(row: CallRow): ProviderCall {
  if (row.state !== 'intended' && row.state !== 'accepted' && row.state !== 'unknown') {
    throw new Error(`The call ${row.id} is ${row.state} and open.`);
  }
  return {
    id: row.id,
    idempotencyKey: idempotencyKey(row.jobId, row.number),
    provider: row.provider,
    model: row.model,
    state: row.state,
    remoteId: row.remoteId,
    request: row.request,
    intendedAt: row.createdAt,
  };
}
