import type { Random } from '../../shared/random';
import { json, type Reply } from '../doubles/http/double.server';
import type { DoubleOutput, OutputFault } from '../doubles/http/output';
import { startReplicateDouble } from '../doubles/replicate/replicate.double';
import type { CreateFault as ReplicateFault } from '../doubles/replicate/replicate.types';
import { startSyncDouble } from '../doubles/sync/sync.double';
import type { CreateFault as SyncFault } from '../doubles/sync/sync.types';
import type { PaidCreate } from './chaos.types';

export type ChaosProviders = Awaited<ReturnType<typeof startChaosProviders>>;

/** Of each vendor; a call is tried a few times in place, so a job meets more than one. */
const MOST_WAITING_CALL_FAULTS = 4;

/** A vendor that gives back the clip it was sent: as many frames as there were. */
async function sameClip(inputs: Record<string, Uint8Array>): Promise<DoubleOutput> {
  const [, bytes] = Object.entries(inputs).find(([name]) => name.includes('video')) ?? [];
  return { bytes: bytes ?? new Uint8Array(), contentType: 'video/mp4' };
}

/** Both vendors as doubles on loopback, each with its ledger of what it would have charged for. */
export async function startChaosProviders() {
  const replicate = await startReplicateDouble({ defaultScript: { output: sameClip } });
  const sync = await startSyncDouble({ defaultScript: { output: sameClip } });

  /**
   * Faults that pass: what is refused for good ends a job, and tells nothing of what survives. Of each
   * sort only a few wait at a time; where every call fails, nothing is seen of what happens after.
   */
  function createFault(random: Random): boolean {
    if (random.chance(0.5)) {
      if (replicate.faults().creates > 0) return false;
      replicate.failCreates(
        random.pick<ReplicateFault>([
          { kind: 'reset-before' },
          { kind: 'reset-after' },
          { kind: 'bad-gateway-after' },
          { kind: 'throttled', tell: 'header', seconds: 1 },
        ]),
      );
      return true;
    }
    if (sync.faults().creates > 0) return false;
    sync.failCreates(
      random.pick<SyncFault>([
        { kind: 'reset-before' },
        { kind: 'reset-after' },
        { kind: 'bad-gateway-after' },
        { kind: 'rate-limit', retryAfterSeconds: 1 },
        { kind: 'outcome-unknown', accepted: true, tellId: false },
      ]),
    );
    return true;
  }

  function callFault(random: Random): boolean {
    const [double, paths] = random.pick<[typeof replicate | typeof sync, [string, ...string[]]]>([
      [replicate, ['GET /predictions/', 'GET /predictions/', 'POST /files', 'GET /models/']],
      [sync, ['GET /generate/', 'GET /generations/', 'POST /assets']],
    ]);
    if (double.faults().rules >= MOST_WAITING_CALL_FAULTS) return false;
    const [method = 'GET', includes = '/'] = random.pick(paths).split(' ');
    const reply = random.pick<Reply>([
      'reset',
      json(500, { detail: 'Try again.' }),
      json(503, { message: 'Try again.' }),
    ]);
    double.fail({ method, includes, reply, times: Math.ceil(random.between(0, 2)) });
    return true;
  }

  function outputFault(random: Random): boolean {
    const { faults, script } = random.chance(0.5) ? replicate : sync;
    if (faults().scripts > 0) return false;
    const fault = random.pick<OutputFault>(['truncated', 'server-error']);
    const faultTimes = Math.ceil(random.between(0, 2));
    const output = async (inputs: Record<string, Uint8Array>) => ({
      ...(await sameClip(inputs)),
      fault,
      faultTimes,
    });
    script({ output });
    return true;
  }

  return {
    settings: {
      REPLICATE_API_TOKEN: replicate.token,
      REPLICATE_BASE_URL: replicate.url,
      SYNC_API_KEY: sync.token,
      SYNC_BASE_URL: sync.url,
      // The vendors' files are on this machine here.
      FETCH_ALLOW_LOOPBACK: 'true',
    },
    /** Makes one of the next calls fail; false when enough of its sort wait already. */
    fault: (random: Random): boolean => random.pick([createFault, callFault, callFault, outputFault])(random),
    heal(): void {
      replicate.heal();
      sync.heal();
    },
    /** Calls and downloads that met a fault. */
    struck: () => replicate.faults().struck + sync.faults().struck,
    creates(): PaidCreate[] {
      const of = (provider: string, ledger: readonly { id: string; charged: boolean }[]) =>
        ledger.map(({ id, charged }) => ({ provider, id, charged }));
      return [...of('replicate', replicate.ledger), ...of('sync', sync.ledger)];
    },
    /** Paths of outputs that were sent the account's secret. */
    leaks: () => [...replicate.leaks, ...sync.leaks],
    async stop(): Promise<void> {
      await replicate.close();
      await sync.close();
    },
  };
}
