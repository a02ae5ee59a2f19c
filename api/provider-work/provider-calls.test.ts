import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { connect, type Database } from '../../db/connect';
import { createTestDatabase, type TestDatabase } from '../../db/test-database';
import type { PaidCalls } from '../providers/provider.types';
import { newId } from '../shared/ids';
import { createProviderCallUsecases, type ProviderCallUsecases } from './provider-calls.usecases';

setDefaultTimeout(60_000);

let database: TestDatabase;
let sql: Database;
let usecases: ProviderCallUsecases;
const recorded: { jobId: string; facts: Record<string, unknown> }[] = [];
let project: string;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = connect(database.url);
  usecases = createProviderCallUsecases({
    sql,
    newId,
    jobs: {
      async record(jobId, facts) {
        recorded.push({ jobId, facts });
      },
    },
  });
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});
beforeEach(async () => {
  recorded.length = 0;
  project = newId();
  await sql`insert into projects (id, title, mode, width, height, fps)
    values (${project}, 'Ledger', 'music-video', 1280, 720, 25)`;
});

const newJob = (): { id: string; calls: PaidCalls } => {
  const id = newId();
  return { id, calls: usecases.forJob({ id, projectId: project, sceneId: null }) };
};
const lipsync = (estimatedUsd: number | null = 0.5) => ({
  kind: 'lipsync' as const,
  provider: 'replicate' as const,
  model: 'sync/lipsync-2-pro',
  request: { video: 'asset-1' },
  estimatedUsd,
});
const setBudget = (usd: number) => sql`update projects set budget_usd = ${usd} where id = ${project}`;

describe('paid calls', () => {
  test('a call is found again by a later run, with the id that the provider gave', async () => {
    const { id, calls } = newJob();
    expect(await calls.open()).toBeNull();
    const call = await calls.intend(lipsync());
    expect(await calls.open()).toEqual(call);
    expect(call).toMatchObject({ idempotencyKey: id, state: 'intended', remoteId: null });
    await calls.accepted(call.id, 'remote-1');
    const later = usecases.forJob({ id, projectId: project, sceneId: null });
    expect(await later.open()).toMatchObject({
      state: 'accepted',
      remoteId: 'remote-1',
      request: { video: 'asset-1' },
    });
    expect(recorded).toContainEqual({ jobId: id, facts: { providerJobId: 'remote-1' } });
  });

  test('no second call is made while one is open, also not by two workers at once', async () => {
    const { calls } = newJob();
    const results = await Promise.allSettled([calls.intend(lipsync()), calls.intend(lipsync())]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(calls.intend(lipsync())).rejects.toMatchObject({ code: 'CallStillOpen' });
  });

  test('a call that people ask for anew has another idempotency key', async () => {
    const { id, calls } = newJob();
    const first = await calls.intend(lipsync());
    await calls.end(first.id, { state: 'failed', charged: 'no' });
    const second = await calls.intend(lipsync());
    expect([first.idempotencyKey, second.idempotencyKey]).toEqual([id, `${id}.2`]);
  });

  test('one whose answer is unknown stays open and is told from one that was not sent', async () => {
    const { calls } = newJob();
    const call = await calls.intend(lipsync());
    await calls.unsure(call.id, 'The connection was reset.');
    expect(await calls.open()).toMatchObject({ id: call.id, state: 'unknown' });
    await calls.accepted(call.id, 'found-again');
    expect(await calls.open()).toMatchObject({ state: 'accepted', remoteId: 'found-again' });
  });

  test('an answer that comes after the call was given up is refused, and its id kept', async () => {
    const { calls } = newJob();
    const call = await calls.intend(lipsync());
    await calls.end(call.id, { state: 'unknown', charged: 'unknown' });
    await expect(calls.accepted(call.id, 'too-late')).rejects.toMatchObject({ code: 'CallGivenUp' });
    const [row] = await sql<{ remoteId: string; open: boolean }[]>`
      select remote_id, open from provider_calls where id = ${call.id}`;
    expect(row).toEqual({ remoteId: 'too-late', open: false });
  });

  test('ending tells the job what it cost, once', async () => {
    const { id, calls } = newJob();
    const call = await calls.intend(lipsync(0.5));
    await calls.end(call.id, { state: 'succeeded', charged: 'yes', costUsd: 0.44 });
    await calls.end(call.id, { state: 'failed', charged: 'no' });
    expect(recorded).toEqual([
      { jobId: id, facts: { charged: 'unknown' } },
      { jobId: id, facts: { costUsd: 0.44, charged: 'yes' } },
    ]);
    expect(await usecases.ledger(project)).toMatchObject({ spentUsd: 0.44, openUsd: 0 });
  });
});

describe('ledger and budget', () => {
  test('what is spent and what may be are told apart', async () => {
    const ended = newJob();
    const charged = await ended.calls.intend(lipsync(0.4));
    await ended.calls.end(charged.id, { state: 'succeeded', charged: 'yes' });
    const refused = newJob();
    const free = await refused.calls.intend(lipsync(9));
    await refused.calls.end(free.id, { state: 'refused', charged: 'no', message: 'No credit.' });
    const lost = newJob();
    const unknown = await lost.calls.intend(lipsync(0.3));
    await lost.calls.end(unknown.id, { state: 'unknown', charged: 'unknown' });
    await newJob().calls.intend(lipsync(0.1));
    const ledger = await usecases.ledger(project);
    expect(ledger).toMatchObject({ spentUsd: 0.4, openUsd: 0.4, budgetUsd: null });
    expect(ledger.entries.map((entry) => [entry.state, entry.charged, entry.costUsd])).toEqual([
      ['succeeded', 'yes', 0.4],
      ['refused', 'no', 0],
      ['unknown', 'unknown', null],
      ['intended', 'unknown', null],
    ]);
  });

  test('a call that would pass the budget is not made', async () => {
    await setBudget(1);
    const first = newJob();
    await first.calls.intend(lipsync(0.6));
    const second = newJob();
    await expect(second.calls.intend(lipsync(0.41))).rejects.toMatchObject({
      code: 'BudgetExceeded',
      status: 409,
      details: { budgetUsd: 1, spentUsd: 0, openUsd: 0.6, estimatedUsd: 0.41 },
    });
    expect(await second.calls.open()).toBeNull();
    expect(await newJob().calls.intend(lipsync(0.4))).toMatchObject({ state: 'intended' });
  });

  test('two jobs at once do not pass it together', async () => {
    await setBudget(1);
    const results = await Promise.allSettled([
      newJob().calls.intend(lipsync(0.7)),
      newJob().calls.intend(lipsync(0.7)),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('with a budget, a model without a price is not used', async () => {
    await setBudget(100);
    await expect(newJob().calls.intend(lipsync(null))).rejects.toMatchObject({ code: 'PriceUnknown' });
  });

  test('what was spent stays known when the project is deleted', async () => {
    const { id, calls } = newJob();
    const call = await calls.intend(lipsync(0.2));
    await calls.end(call.id, { state: 'succeeded', charged: 'yes' });
    await sql`delete from projects where id = ${project}`;
    const [row] = await sql`select project_id, cost_usd from provider_calls where job_id = ${id}`;
    expect(row).toMatchObject({ projectId: null, costUsd: 0.2 });
  });
});
