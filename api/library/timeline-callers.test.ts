import { expect, test } from 'bun:test';
import { join } from 'node:path';

const root = join(import.meta.dir, '..');

/** Functions of the library whose SQL writes scenes, or what of projects is in a snapshot. */
async function writers(): Promise<string[]> {
  const found: string[] = [];
  for await (const path of new Bun.Glob('library/*.repository.ts').scan({ cwd: root })) {
    const source = await Bun.file(join(root, path)).text();
    for (const [, name = '', body = ''] of source.matchAll(
      /export async function (\w+)([\s\S]*?)(?=\nexport |$)/g,
    )) {
      const writes = /insert into scenes|update scenes|delete from scenes|update projects/.test(body);
      // Deleting for good changes no timeline; texts of a project and media without a scene are not in it.
      if (writes && !['deleteBinnedScene', 'insertMediaScene', 'insertRevision', 'moveHead'].includes(name))
        found.push(name);
    }
  }
  return found;
}

test('whoever changes scenes or the song makes a step for undo of it', async () => {
  const names = await writers();
  expect(names).toContain('pointScene');
  const silent: string[] = [];
  for await (const path of new Bun.Glob('features/**/*.ts').scan({ cwd: root })) {
    // Fitting only brings the picture that a scene waits for, which is no step.
    if (path.endsWith('.test.ts') || path === 'features/fit/fitting.usecases.ts') continue;
    const source = await Bun.file(join(root, path)).text();
    const writes = names.filter((name) => new RegExp(`(?<!\\.)\\b${name}\\(`).test(source));
    // A new project has no history yet; `addTake` records for those who prepare its takes.
    if (writes.length > 0 && !/\b(touchProject|addTake)\(/.test(source)) silent.push(`${path}: ${writes}`);
  }
  expect(silent).toEqual([]);
});
