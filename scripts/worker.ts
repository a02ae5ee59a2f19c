import { join } from 'node:path';
import { readProcessConfig } from '../api/config';
import { runUntilSignal, startStudio } from '../api/main';
import { localLooks } from '../api/providers/local/lipsync/look/local.looks';
import { sampleMaterial } from '../api/sample/sample-material';
import { runCommand } from './lib/command-line';

await runCommand(async () => {
  await runUntilSignal(async () => {
    const config = readProcessConfig({ ROLE: 'worker' });
    const studio = await startStudio(config, {
      sampleMaterial: sampleMaterial(join(config.dataDirectory, 'demo')),
      looks: localLooks,
    });
    console.log('Songreel worker is taking jobs.');
    return studio;
  });
});
