import { join } from 'node:path';
import { runCommand } from './lib/command-line';

const root = join(import.meta.dir, '..');

/** Both halves with reload: the studio restarts when the API changes, Vite serves the page. */
await runCommand(async () => {
  const start = (command: string[], cwd: string) =>
    Bun.spawn([process.execPath, ...command], { cwd, stdin: 'ignore', stdout: 'inherit', stderr: 'inherit' });
  const halves = [
    start(['--watch', join('scripts', 'start.ts')], root),
    start(['--bun', join(root, 'node_modules/vite/bin/vite.js'), 'dev'], join(root, 'ui')),
  ];
  const stop = () => {
    for (const half of halves) half.kill('SIGTERM');
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // Neither half is of use without the other.
  await Promise.race(halves.map((half) => half.exited));
  stop();
  const codes = await Promise.all(halves.map((half) => half.exited));
  return Math.max(...codes);
});
