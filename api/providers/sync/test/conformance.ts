import { startSyncDouble } from '../../../test/doubles/sync/sync.double';
import type { GenerationScript } from '../../../test/doubles/sync/sync.types';
import type { Course, ProviderConformance, Vendor } from '../../test/conformance.types';

const syncScript = (course: Course): GenerationScript => ({
  output: course.output,
  ...(course.dataRemoved ? { outputAs: 'neither' } : {}),
  pollFaults: (course.polls ?? []).map((fault) =>
    fault === 'reset' ? { kind: 'reset' } : { kind: 'status', status: fault },
  ),
  statuses: {
    success: ['PENDING', 'PROCESSING', 'COMPLETED'],
    failure: ['PROCESSING', 'FAILED'],
    never: ['PROCESSING'],
    'strange-then-success': ['DREAMING', 'COMPLETED'],
    'not-started': ['REJECTED'],
  }[course.end ?? 'success'],
});

async function start(): Promise<Vendor> {
  const double = await startSyncDouble();
  const { url, token } = double;
  return {
    secret: token,
    environment: { SYNC_API_KEY: token, SYNC_BASE_URL: url },
    ledger: double.ledger,
    awaitCreate: double.awaitCreate,
    course(course) {
      double.script(syncScript(course));
      const { create } = course;
      if (create === undefined) return;
      if (typeof create === 'number') double.failCreates({ kind: 'status', status: create });
      else if (create === 'input-invalid') double.failCreates({ kind: 'status', status: 422 });
      else if (create === 'throttled') double.failCreates({ kind: 'rate-limit', retryAfterSeconds: 1 });
      else if (create === 'throttled-silently') double.failCreates({ kind: 'concurrency-limit' });
      else double.failCreates({ kind: create });
    },
    refuseNextCreate: (status) => double.failCreates({ kind: 'status', status }),
    change: (id, course) => double.change(id, syncScript(course)),
    isCanceled: () => false,
    leaks: double.leaks,
    close: double.close,
  };
}

export const conformance: ProviderConformance = {
  paid: true,
  start,
  traits: {
    repeatsByKey: true,
    cancels: false,
    freshOutputUrls: true,
    notStarted: { code: 'ProviderRejected', state: 'failed' },
  },
  models: { lipsync: ['lipsync-2-pro'] },
};
