import { join } from 'node:path';

/** Runs one of the scripts as a person would, in `cwd`; for tests. */
export async function runScript(
  name: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; out: string; words: string }> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, '..', name), ...args], {
    cwd,
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, words] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, words };
}
