import { serveJob } from '../../process/process.serve';
import { runEngine } from './engine';
import { EngineJobSchema } from './engine.job';

/** The engine's own process. */
if (import.meta.main) {
  await serveJob({
    schema: EngineJobSchema,
    run: (job, tools) => runEngine(job, { ...tools, now: () => performance.now() }),
    failed: { code: 'LipsyncEngineFailed', what: 'The local lip-sync engine failed' },
  });
}
