import type { ProviderKind } from '../../contract/provider.schema';

/**
 * How long this machine takes, in seconds, per job and per second of output. Lip-sync: 0.32–0.54
 * of the clip's length on two cores (`bun run bench -- lipsync`); pictures and clips are drawn and encoded.
 */
const localPace: Record<ProviderKind, { start: [number, number]; perSecond: [number, number] }> = {
  lipsync: { start: [1, 4], perSecond: [0.3, 0.55] },
  image: { start: [1, 4], perSecond: [0, 0] },
  video: { start: [1, 4], perSecond: [0.3, 1.5] },
};

/** How long a job on this machine usually takes. */
export function localSeconds(kind: ProviderKind, seconds: number | null): { from: number; to: number } {
  const { start, perSecond } = localPace[kind];
  const length = seconds ?? 0;
  return {
    from: Math.round(start[0] + perSecond[0] * length),
    to: Math.ceil(start[1] + perSecond[1] * length),
  };
}
