import { readProcessConfig } from '../api/config';
import { runUntilSignal, startStudio } from '../api/main';
import { runCommand } from './lib/command-line';

await runCommand(async () => {
  await runUntilSignal(async () => {
    const studio = await startStudio(readProcessConfig());
    if (studio.url !== null) console.log(`Songreel is ready: ${studio.url}   API page: ${studio.url}/docs`);
    return studio;
  });
});
