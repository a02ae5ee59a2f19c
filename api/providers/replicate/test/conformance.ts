import { startReplicateDouble } from '../../../test/doubles/replicate/replicate.double';
import type { PredictionScript } from '../../../test/doubles/replicate/replicate.types';
import type { Course, ProviderConformance, Vendor } from '../../test/conformance.types';

const replicateScript = (course: Course): PredictionScript => ({
  output: course.output,
  ...(course.dataRemoved === undefined ? {} : { dataRemoved: course.dataRemoved }),
  pollFaults: (course.polls ?? []).map((fault) =>
    fault === 'reset' ? { kind: 'reset' } : { kind: 'status', status: fault },
  ),
  statuses: {
    success: ['starting', 'processing', 'succeeded'],
    failure: ['processing', 'failed'],
    never: ['processing'],
    'strange-then-success': ['dreaming', 'succeeded'],
    'not-started': ['aborted'],
  }[course.end ?? 'success'],
});

async function start(): Promise<Vendor> {
  const double = await startReplicateDouble();
  const { url, token } = double;
  return {
    secret: token,
    environment: { REPLICATE_API_TOKEN: token, REPLICATE_BASE_URL: url },
    ledger: double.ledger,
    awaitCreate: double.awaitCreate,
    course(course) {
      double.script(replicateScript(course));
      const { create } = course;
      if (create === undefined) return;
      if (typeof create === 'number') double.failCreates({ kind: 'status', status: create });
      else if (create === 'throttled') double.failCreates({ kind: 'throttled', tell: 'text', seconds: 1 });
      else if (create === 'throttled-silently') {
        double.failCreates({ kind: 'throttled', tell: 'nothing', seconds: 1 });
      } else double.failCreates({ kind: create });
    },
    refuseNextCreate: (status) => double.failCreates({ kind: 'status', status }),
    change: (id, course) => double.change(id, replicateScript(course)),
    isCanceled: (id) => double.prediction(id).status === 'canceled',
    leaks: double.leaks,
    close: double.close,
  };
}

export const conformance: ProviderConformance = {
  paid: true,
  start,
  traits: {
    repeatsByKey: false,
    cancels: true,
    freshOutputUrls: false,
    notStarted: { code: 'ProviderAborted', state: 'canceled' },
  },
  models: {
    lipsync: ['sync/lipsync-2-pro'],
    // Two each: one without anything of its own in its input but the mark, and one with a seed.
    image: ['google/imagen-4', 'black-forest-labs/flux-schnell'],
    video: ['google/veo-3.1-fast', 'kwaivgi/kling-v2.5-turbo-pro'],
  },
};
