import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withFileLock } from '../../db/file-lock';
import { AppError } from '../shared/errors';
import { openToAll } from '../shared/private-files';

const root = join(import.meta.dir, '..', '..');
const page = join(root, 'ui');
const stamp = join(page, '.svelte-kit', 'built');

/** A build takes seconds; a machine under load gets some patience. */
const LONGEST_BUILD_MS = 180_000;

/** What the built page is made of. */
const sources = ['ui/src', 'ui/static', 'api/contract'];
const sourceFiles = ['ui/vite.config.ts', 'ui/tsconfig.json', 'package.json', 'bun.lock'];

/** One hash over the names and contents of everything the page is built from. */
export async function hashSources(): Promise<string> {
  const folders = await Promise.all(
    sources.map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    ),
  );
  const hash = new Bun.CryptoHasher('sha256');
  for (const path of [...folders.flat(), ...sourceFiles.map((file) => join(root, file))].sort()) {
    hash.update(path.slice(root.length));
    hash.update(await Bun.file(path).bytes());
  }
  return hash.digest('hex');
}

async function isBuilt(hash: string): Promise<boolean> {
  if (!(await Bun.file(join(page, 'build', '200.html')).exists())) return false;
  const file = Bun.file(stamp);
  return (await file.exists()) && (await file.text()) === hash;
}

/**
 * Builds the studio page unless its build is there and was made of just these sources. Takes about
 * five seconds; nothing when it is built. Several processes may call it at once.
 * @throws AppError `PageNotBuilt` with the builder's own words
 */
export async function buildPage(): Promise<{ built: boolean }> {
  const hash = await hashSources();
  if (await isBuilt(hash)) return { built: false };
  await mkdir(join(page, '.svelte-kit'), { recursive: true });
  return withFileLock(join(page, '.svelte-kit', 'build-lock'), LONGEST_BUILD_MS, async () => {
    if (await isBuilt(hash)) return { built: false };
    await rm(stamp, { force: true });
    // SvelteKit needs a newer Node than many machines have; Bun runs it.
    const child = Bun.spawn(
      [process.execPath, '--bun', join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'],
      { cwd: page, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' },
    );
    const [code, out, errors] = await Promise.all([
      child.exited,
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    if (code !== 0) {
      throw new AppError({
        code: 'PageNotBuilt',
        message: `The studio page could not be built: ${`${errors}\n${out}`.trim().slice(-2000)}`,
      });
    }
    await Bun.write(stamp, hash);
    // Whoever starts the studio may be another user than who built its page.
    for (const folder of ['build', '.svelte-kit']) await openToAll(join(page, folder));
    return { built: true };
  });
}
