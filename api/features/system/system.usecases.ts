import pTimeout from 'p-timeout';
import type { Database } from '../../../db/connect';
import type { Jobs } from '../../jobs/jobs.types';
import { errorMessage } from '../../shared/errors';
import { objectPrefixes } from '../../shared/object-prefixes';
import type { Storage } from '../../storage/storage.types';
import type { DiskGuard } from './disk.usecases';
import type { Metrics } from './metrics';
import { readFigures } from './system.repository';

export type PartState = { ready: boolean; message?: string };
export type Readiness = {
  ready: boolean;
  parts: Record<'database' | 'storage' | 'queue' | 'disk' | 'process', PartState>;
};
export type SystemUsecases = ReturnType<typeof createSystemUsecases>;

/** A probe must answer before its caller gives up on it. */
const PROBE_TIMEOUT_MS = 3000;
/** Probes come every few seconds each; what is a second old is as good as new. */
const KEPT_MS = 1000;
/** Need not exist. The embedded store answers only for keys of the studio's own form. */
const READINESS_KEY = `${objectPrefixes.checks}readiness`;

type Probed = Omit<Readiness['parts'], 'process'>;

export function createSystemUsecases(deps: {
  sql: Database;
  jobs: Pick<Jobs, 'counts'>;
  storage: Pick<Storage, 'head' | 'counters'>;
  disk: DiskGuard;
  metrics: Metrics;
  /** Aborted when this process is about to end. */
  stopping: AbortSignal;
}) {
  const { sql, jobs, storage, disk, metrics, stopping } = deps;

  async function probe(work: () => Promise<unknown>): Promise<PartState> {
    try {
      await pTimeout(work(), { milliseconds: PROBE_TIMEOUT_MS, message: 'no answer in time' });
      return { ready: true };
    } catch (error) {
      return { ready: false, message: errorMessage(error) };
    }
  }

  async function probeAll(): Promise<Probed> {
    const [database, objects, queue, space] = await Promise.all([
      // A promise of its own: a query that is late would be canceled, for which it takes one more connection.
      probe(async () => await sql`select 1`),
      probe(() => storage.head(READINESS_KEY)),
      probe(() => jobs.counts()),
      probe(() => disk.requireSpace()),
    ]);
    return { database, storage: objects, queue, disk: space };
  }

  let kept: { probed: Promise<Probed>; until: number } | null = null;

  /** Anybody may ask, as often as they like: there is one probe at a time, and its answer is kept. */
  function probeOnce(): Promise<Probed> {
    if (kept !== null && performance.now() < kept.until) return kept.probed;
    const current = { probed: probeAll(), until: Number.POSITIVE_INFINITY };
    kept = current;
    const settled = () => {
      current.until = performance.now() + KEPT_MS;
    };
    current.probed.then(settled, settled);
    return current.probed;
  }

  return {
    async readiness(): Promise<Readiness> {
      const probed = await probeOnce();
      const own = stopping.aborted ? { ready: false, message: 'It is shutting down.' } : { ready: true };
      const parts = { ...probed, process: own };
      return { ready: Object.values(parts).every((part) => part.ready), parts };
    },

    /** The studio's figures in Prometheus' text format. */
    async metrics(): Promise<{ text: string; contentType: string }> {
      const { bytesFreed, uploadsConfirmed, uploadsFailed } = storage.counters();
      const [figures, counts, diskFreeBytes] = await Promise.all([
        readFigures(sql),
        jobs.counts(),
        disk.freeBytes(),
      ]);
      const text = await metrics.text({
        ...figures,
        jobs: counts,
        storage: { bytesFreed, uploadsConfirmed, uploadsFailed },
        diskFreeBytes,
      });
      return { text, contentType: metrics.contentType };
    },
  };
}
