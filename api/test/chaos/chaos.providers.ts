import type { Random } from '../../../scripts/demo/song/random';
import { json } from '../doubles/http/double.server';
import type { DoubleOutput } from '../doubles/http/output';
import { startReplicateDouble } from '../doubles/replicate/replicate.double';
import { startSyncDouble } from '../doubles/sync/sync.double';
import type { PaidCreate } from './chaos.types';

export type ChaosProviders = Awaited<ReturnType<typeof startChaosProviders>>;

/** A vendor that gives back the clip it was sent: as many frames as there were. */
async function sameClip(inputs: Record<string, Uint8Array>): Promise<DoubleOutput> {
  const [, bytes] = Object.entries(inputs).find(([name]) => name.includes('video')) ?? [];
  return { bytes: bytes ?? new Uint8Array(), contentType: 'video/mp4' };
}

/** Both vendors as doubles on loopback, each with its ledger of what it would have charged for. */
export async function startChaosProviders() {
  const replicate = await startReplicateDouble({ defaultScript: { output: sameClip } });
  const sync = await startSyncDouble({ defaultScript: { output: sameClip } });

  /** Faults that pass: what is refused for good ends a job, and tells nothing of what survives. */
  const faults: [(random: Random) => void, ...((random: Random) => void)[]] = [
    () => replicate.failCreates({ kind: 'reset-before' }),
    () => replicate.failCreates({ kind: 'reset-after' }),
    () => replicate.failCreates({ kind: 'bad-gateway-after' }),
    () => replicate.failCreates({ kind: 'throttled', tell: 'header', seconds: 1 }),
    () => sync.failCreates({ kind: 'reset-before' }),
    () => sync.failCreates({ kind: 'reset-after' }),
    () => sync.failCreates({ kind: 'bad-gateway-after' }),
    () => sync.failCreates({ kind: 'rate-limit', retryAfterSeconds: 1 }),
    () => sync.failCreates({ kind: 'outcome-unknown', accepted: true, tellId: false }),
    () =>
      replicate.fail({
        method: 'GET',
        includes: '/predictions/',
        reply: json(500, { detail: 'Try again.' }),
      }),
    () => replicate.fail({ method: 'GET', includes: '/predictions/', reply: 'reset' }),
    () => sync.fail({ method: 'GET', includes: '/generate/', reply: json(503, { message: 'Try again.' }) }),
    () => sync.fail({ method: 'GET', includes: '/generate/', reply: 'reset' }),
    () =>
      replicate.script({
        output: async (inputs) => ({ ...(await sameClip(inputs)), fault: 'truncated', faultTimes: 1 }),
      }),
    () =>
      sync.script({
        output: async (inputs) => ({ ...(await sameClip(inputs)), fault: 'server-error', faultTimes: 1 }),
      }),
  ];

  return {
    settings: {
      REPLICATE_API_TOKEN: replicate.token,
      REPLICATE_BASE_URL: replicate.url,
      SYNC_API_KEY: sync.token,
      SYNC_BASE_URL: sync.url,
      // The vendors' files are on this machine here.
      FETCH_ALLOW_LOOPBACK: 'true',
    },
    fault(random: Random): void {
      random.pick(faults)(random);
    },
    heal(): void {
      replicate.heal();
      sync.heal();
    },
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
