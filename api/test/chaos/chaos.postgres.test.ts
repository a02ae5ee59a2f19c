import { expect, test } from 'bun:test';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../../db/connect';
import { createLog } from '../../shared/log';
import { startChaosPostgres } from './chaos.postgres';

const LANES = 10;

test('a whole pool is served again soon after the database crashed', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'songreel-pool-'));
  await chmod(directory, 0o755);
  const postgres = await startChaosPostgres(join(directory, 'postgres'));
  const sql = connect(postgres.url, { max: LANES, log: createLog('silent') });
  const ask = () =>
    sql`select pg_sleep(0.01)`.then(
      () => true,
      () => false,
    );
  let over = false;
  // Every connection is in use when the server goes, and fails more than once until it is back.
  const busy = Array.from({ length: LANES }, async () => {
    while (!over) if (!(await ask())) await Bun.sleep(5);
  });
  await Bun.sleep(200);
  for (let crash = 0; crash < 3; crash++) await postgres.crash();
  const back = performance.now();
  over = true;
  await Promise.all(busy);
  while (!(await ask())) await Bun.sleep(5);
  const seconds = (performance.now() - back) / 1000;
  await sql.end({ timeout: 1 });
  await postgres.stop();
  await rm(postgres.home, { recursive: true, force: true });
  await rm(directory, { recursive: true, force: true });
  expect(seconds).toBeLessThan(5);
}, 60_000);
