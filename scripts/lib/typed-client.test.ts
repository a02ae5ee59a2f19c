import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { Glob } from 'bun';

const root = join(import.meta.dir, '..', '..');

/** The files of a pattern, from the repository's root, in which something is written. */
async function filesWith(pattern: string, what: RegExp): Promise<string[]> {
  const found: string[] = [];
  for await (const file of new Glob(pattern).scan(root)) {
    if (what.test(await Bun.file(join(root, file)).text())) found.push(file);
  }
  return found.sort();
}

test('the page calls the studio through its typed client alone', async () => {
  expect(await filesWith('ui/src/**/*.{ts,svelte}', /\bfetch\(/)).toEqual(['ui/src/lib/api/client.ts']);
  expect(await filesWith('ui/src/**/*.{ts,svelte}', /\/api\/mv/)).toEqual([]);
});

test('no route reads a body by itself, so that the client knows what it takes', async () => {
  const reads = /\.req\.(?:json|text|parseBody|formData|blob|arrayBuffer)\(/;
  // A provider's signature covers the bytes as they came; nobody calls it through the client.
  expect(await filesWith('api/features/**/*.ts', reads)).toEqual([
    'api/features/webhooks/webhooks.routes.ts',
  ]);
});
