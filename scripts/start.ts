import { join } from 'node:path';
import { readProcessConfig } from '../api/config';
import { runUntilSignal, startStudio } from '../api/main';
import { sampleMaterial } from './demo/sample-material';
import { buildPage } from './lib/build-page';
import { runCommand } from './lib/command-line';

await runCommand(async () => {
  await buildPage();
  await runUntilSignal(async () => {
    const config = readProcessConfig();
    const studio = await startStudio(config, {
      sampleMaterial: sampleMaterial(join(config.dataDirectory, 'demo')),
    });
    if (studio.url !== null) console.log(`Songreel is ready: ${studio.url}   API page: ${studio.url}/docs`);
    return studio;
  });
});
