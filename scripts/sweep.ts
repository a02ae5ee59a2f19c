import { readProcessConfig } from '../api/config';
import { createServices } from '../api/services';
import { runCommand } from './lib/command-line';

/** One pass over the outbox of this machine, failed uploads included. */
await runCommand(async () => {
  const services = await createServices(readProcessConfig());
  try {
    const report = await services.storage.sweep({ ignoreBackOff: true });
    console.log(JSON.stringify(report, null, 2));
    return report.problems.length > 0 || report.batchesPending > 0 ? 1 : 0;
  } finally {
    await services.stop({ graceMs: 0 });
  }
});
