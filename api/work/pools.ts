import type { PoolName } from '../jobs/jobs.types';

/** Work on this machine shares its processor; work elsewhere is only waited for. */
export const poolByProvider =
  (local: PoolName) =>
  ({ provider }: { provider: string | null }): PoolName =>
    provider === null || provider === 'local' ? local : 'remote';
