import { join } from 'node:path';
import { readProcessConfig } from '../api/config';
import { runUntilSignal, startStudio } from '../api/main';
import { buildPage } from '../api/page/build-page';
import { localLooks } from '../api/providers/local/lipsync/look/local.looks';
import { sampleMaterial } from '../api/sample/sample-material';
import { runCommand } from './lib/command-line';

await runCommand(async () => {
  await buildPage();
  await runUntilSignal(async () => {
    const config = readProcessConfig();
    const studio = await startStudio(config, {
      sampleMaterial: sampleMaterial(join(config.dataDirectory, 'demo')),
      looks: localLooks,
    });
    if (studio.url !== null) console.log(`Songreel is ready: ${studio.url}   API page: ${studio.url}/docs`);
    return studio;
  });
});
