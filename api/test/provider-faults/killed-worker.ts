import type { Job } from '../../contract/job.schema';
import type { Ledger } from '../../contract/provider.schema';
import type { Scene } from '../../contract/scene.schema';
import type { DoubleOutput } from '../doubles/http/output';
import { startReplicateDouble } from '../doubles/replicate/replicate.double';
import { startSyncDouble } from '../doubles/sync/sync.double';
import { createStage, until } from '../process.harness';
import { expectStatus } from '../studio.harness';

type Name = 'replicate' | 'sync';
/** Where the worker is when it is killed. */
export const killPoints = [
  'before the id is stored',
  'after the id is stored',
  'result downloaded, not stored',
] as const;
export type KillPoint = (typeof killPoints)[number];

export type Survivor = {
  point: KillPoint;
  name: Name;
  job: Job;
  scene: Scene;
  /** State of its one call in the ledger afterwards. */
  calls: string[];
  creates: number;
  charged: number;
};

/** Any number: held by the test, waited for by the worker at the places where it is to be killed. */
const GATE = 715_517;

/**
 * Six jobs at two providers in one worker process, which is killed (SIGKILL) while each is at one of
 * the points; another worker process finishes them. The places are held by triggers of the test's own
 * database that wait for a lock.
 */
export async function killWorkerAndFinish(of: {
  clip: string;
  song: string;
  output: DoubleOutput;
}): Promise<{ survivors: Survivor[]; words: string[]; secrets: string[] }> {
  const replicate = await startReplicateDouble({ defaultScript: { output: of.output } });
  const sync = await startSyncDouble({ defaultScript: { output: of.output } });
  const stage = await createStage();
  try {
    const settings = {
      FETCH_ALLOW_LOOPBACK: 'true',
      REPLICATE_API_TOKEN: replicate.token,
      REPLICATE_BASE_URL: replicate.url,
      SYNC_API_KEY: sync.token,
      SYNC_BASE_URL: sync.url,
    };
    const { api, lines } = await stage.start('start', { ...settings, ROLE: 'api' });
    const preparing = await stage.start('worker', settings);
    const project = await api.createProject({ format: { width: 128, height: 128, fps: 25 } });
    await api.uploadSong(project.id, of.song);
    const cases: { point: KillPoint; name: Name; scene: Scene; job: Job }[] = [];
    const placed: { point: KillPoint; name: Name; scene: Scene }[] = [];
    for (const point of killPoints) {
      for (const name of ['replicate', 'sync'] as const) {
        const { sequence } = await api.addScene(project.id);
        placed.push({ point, name, scene: await api.uploadClip(project.id, sequence, of.clip) });
      }
    }
    await preparing.terminate();

    const idsAt = (point: KillPoint) =>
      placed.flatMap((one) => (one.point === point ? [`'${one.scene.id}'`] : [])).join(', ');
    // The one that has answered hangs at the provider; the others go through there.
    const hanging = new Set(
      placed.flatMap(({ point, scene }) => (point === killPoints[1] ? [scene.id] : [])),
    );
    await stage.sql.unsafe(`
      create function wait_at_gate() returns trigger language plpgsql as $$
      begin
        perform pg_advisory_xact_lock_shared(${GATE});
        return new;
      end $$;
      create trigger gate_at_id before update on provider_calls for each row
        when (new.state = 'accepted' and old.state <> 'accepted' and new.scene_id in (${idsAt(killPoints[0])}))
        execute function wait_at_gate();
      create function wait_at_gate_of_scene() returns trigger language plpgsql as $$
      begin
        if (select scene_id from jobs where id = new.job_id) in (${idsAt(killPoints[2])}) then
          perform pg_advisory_xact_lock_shared(${GATE});
        end if;
        return new;
      end $$;
      create trigger gate_at_result before insert on upload_batches for each row
        execute function wait_at_gate_of_scene()`);
    const gate = await stage.sql.reserve();
    await gate`select pg_advisory_lock(${GATE})`;

    const worker = await stage.start('worker', settings);
    const never = { by: 'advance' as const, output: of.output };
    for (const one of placed) {
      const isHanging = hanging.has(one.scene.id);
      if (isHanging && one.name === 'replicate') replicate.script(never);
      if (isHanging && one.name === 'sync') sync.script(never);
      const created = one.name === 'replicate' ? replicate : sync;
      const nth = created.ledger.length + 1;
      const answer = await api.call<Job>(
        'POST',
        `/projects/${project.id}/lipsync/${one.scene.sequence}`,
        api.json({ provider: one.name }, { Prefer: 'respond-async' }),
      );
      cases.push({ ...one, job: expectStatus(answer, 202) });
      // One after the other, so that each gets its own script.
      await created.awaitCreate(nth);
    }
    const waitingAtGate = async () => {
      const [row] = await stage.sql<{ count: number }[]>`
        select count(*)::int as count from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'`;
      return row?.count === 4;
    };
    await until('four jobs are held', waitingAtGate);
    await until('two calls run at their provider', async () => {
      const rows = await stage.sql`
        select 1 from provider_calls where state = 'accepted' and scene_id in ${stage.sql([...hanging])}`;
      return rows.length === 2;
    });
    await worker.kill();
    // A killed client's statements would go on by themselves once the gate opens.
    await stage.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'`;
    await gate`select pg_advisory_unlock(${GATE})`;
    gate.release();
    const unstored = await stage.sql`select 1 from provider_calls where state = 'intended' and open`;
    if (unstored.length !== 2) throw new Error(`${unstored.length} calls are without their id, not two.`);

    for (const { id, status } of replicate.predictions()) {
      if (status !== 'succeeded') await replicate.finish(id, 'succeeded');
    }
    for (const { id, status } of sync.generations()) {
      if (status !== 'COMPLETED') await sync.finish(id, 'COMPLETED');
    }
    const other = await stage.start('worker', settings);
    const survivors: Survivor[] = [];
    for (const { point, name, scene, job } of cases) {
      const ended = await until(`the job ${point} ends`, async () => {
        const now = await api.job(job.id);
        return now.state === 'queued' || now.state === 'running' ? null : now;
      });
      const read = await api.call<Scene>('GET', `/projects/${project.id}/scenes/${scene.sequence}`);
      const ledger = await api.call<Ledger>('GET', `/projects/${project.id}/ledger`);
      const entries = ledger.body.entries.filter(({ jobId }) => jobId === job.id);
      const made = (name === 'replicate' ? replicate.ledger : sync.ledger).filter(
        ({ id }) => id === entries[0]?.remoteId,
      );
      survivors.push({
        point,
        name,
        job: ended,
        scene: read.body,
        calls: entries.map(({ state }) => state),
        creates: made.length,
        charged: made.filter(({ charged }) => charged).length,
      });
    }
    if (replicate.ledger.length !== 3 || sync.ledger.length !== 3) {
      throw new Error(`${replicate.ledger.length} and ${sync.ledger.length} creates for three jobs each.`);
    }
    const words = [...lines, ...worker.lines, ...other.lines].map((line) => JSON.stringify(line));
    return { survivors, words, secrets: [replicate.token, sync.token] };
  } finally {
    await stage.stop();
    await replicate.close();
    await sync.close();
  }
}
