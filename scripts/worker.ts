import { readProcessConfig } from '../api/config';
import { runUntilSignal, startStudio } from '../api/main';
import { runCommand } from './lib/command-line';

await runCommand(async () => {
  await runUntilSignal(async () => {
    const studio = await startStudio(readProcessConfig({ ROLE: 'worker' }));
    console.log('Songreel worker is taking jobs.');
    return studio;
  });
});
