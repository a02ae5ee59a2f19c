import { chmod, copyFile, lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { hasProc } from './process-sockets.harness';

/** `nobody` of Linux systems: whoever has nothing to do with the studio. */
const STRANGER = 65_534;

const ManagedSchema = v.object({
  user: v.number(),
  did: v.array(v.string()),
  seen: v.array(v.object({ commandLine: v.string() })),
});

/** Why a program can't be run as another user here; null when it can. */
export function whyNoStranger(): string | null {
  if (!hasProc) return 'this system has no /proc';
  if (process.getuid?.() !== 0) return 'only root may become another user';
  return Bun.which('setpriv') === null ? 'there is no setpriv' : null;
}

/** Runs the attacker as another user, in `directory`, which that user may enter. */
export async function runAsStranger(directory: string, task: Record<string, unknown>) {
  const place = join(directory, 'stranger');
  await mkdir(place, { mode: 0o755 });
  await chmod(place, 0o755);
  const program = join(place, 'bun');
  const script = join(place, 'attacker.ts');
  await copyFile(process.execPath, program);
  await copyFile(join(import.meta.dir, 'local-user.attacker.ts'), script);
  await chmod(program, 0o755);
  await chmod(script, 0o644);
  const child = Bun.spawn(
    ['setpriv', `--reuid=${STRANGER}`, `--regid=${STRANGER}`, '--clear-groups', program, script],
    { cwd: place, stdin: Buffer.from(JSON.stringify(task)), stdout: 'pipe', stderr: 'pipe', env: {} },
  );
  const [code, out, errors] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (code !== 0) throw new Error(`The stranger's program failed: ${errors.slice(-2000)}`);
  const managed = v.parse(ManagedSchema, JSON.parse(out));
  if (managed.user !== STRANGER) throw new Error('The program did not run as another user.');
  return managed;
}

/** Everything in a folder, itself included; nothing when it is not there. */
export async function walk(folder: string): Promise<Record<'folders' | 'files' | 'sockets', string[]>> {
  const found = { folders: [folder], files: [] as string[], sockets: [] as string[] };
  for (let at = 0; at < found.folders.length; at++) {
    const parent = found.folders[at] ?? '';
    for (const name of await readdir(parent).catch(() => [])) {
      const path = join(parent, name);
      const facts = await lstat(path).catch(() => null);
      if (facts?.isDirectory()) found.folders.push(path);
      else if (facts?.isSocket()) found.sockets.push(path);
      else if (facts?.isFile()) found.files.push(path);
    }
  }
  return found;
}
