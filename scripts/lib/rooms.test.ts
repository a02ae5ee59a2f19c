import { afterAll, beforeAll, expect, test } from 'bun:test';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import * as v from 'valibot';

const root = join(import.meta.dir, '..', '..');
const config = { rooms: '.dependency-cruiser.cjs', folders: '.dependency-cruiser.folders.cjs' };
const library = 'library-imports-contract-shared-and-db';

/**
 * One file each, with what it imports: `type …` is a type-only import, a name without a slash a package.
 * What is imported exists.
 */
const breaks: { file: string; imports: string; rules: string[] }[] = [
  { file: 'api/shared/a.ts', imports: 'api/media/x.ts', rules: ['shared-imports-the-contract-alone'] },
  { file: 'api/contract/a.ts', imports: 'api/shared/x.ts', rules: ['contract-imports-only-valibot'] },
  { file: 'api/contract/b.ts', imports: 'hono', rules: ['contract-uses-valibot-alone'] },
  { file: 'db/a.ts', imports: 'api/library/x.ts', rules: ['db-imports-nothing-of-ours'] },
  { file: 'api/media/a.ts', imports: 'type api/storage/x.ts', rules: ['engine-rooms-stand-alone'] },
  { file: 'api/jobs/a.ts', imports: 'api/features/one/x.ts', rules: ['engine-rooms-stand-alone'] },
  { file: 'api/library/a.ts', imports: 'type api/jobs/x.ts', rules: [library] },
  { file: 'api/library/b.ts', imports: 'type api/features/one/x.ts', rules: [library] },
  { file: 'api/library/c.ts', imports: 'api/http/x.ts', rules: [library] },
  {
    file: 'api/provider-work/a.ts',
    imports: 'type api/features/one/x.ts',
    rules: ['provider-work-knows-no-feature'],
  },
  { file: 'api/provider-work/b.ts', imports: 'api/http/x.ts', rules: ['provider-work-knows-no-feature'] },
  { file: 'api/work/a.ts', imports: 'api/library/x.ts', rules: ['work-knows-no-feature'] },
  { file: 'api/work/b.ts', imports: 'api/jobs/x.ts', rules: ['engine-rooms-are-passed-in'] },
  { file: 'api/features/two/feature.ts', imports: 'api/work/x.ts', rules: ['features-are-listed'] },
  { file: 'api/http/a.ts', imports: 'type api/features/one/x.ts', rules: ['http-knows-no-feature'] },
  { file: 'api/http/b.ts', imports: 'api/library/x.ts', rules: ['http-knows-no-feature'] },
  { file: 'api/features/two/a.ts', imports: 'api/features/one/x.ts', rules: ['no-feature-imports-another'] },
  {
    file: 'api/features/two/b.ts',
    imports: 'type api/features/one/x.ts',
    rules: ['no-feature-imports-another'],
  },
  {
    file: 'api/features/two/c.test.ts',
    imports: 'api/features/one/x.ts',
    rules: ['no-feature-imports-another'],
  },
  {
    file: 'api/features/two/d.ts',
    imports: 'scripts/x.ts',
    rules: ['features-import-what-is-below', 'nothing-in-api-imports-scripts'],
  },
  { file: 'api/media/b.test.ts', imports: 'scripts/x.ts', rules: ['nothing-in-api-imports-scripts'] },
  { file: 'api/drawing/a.ts', imports: 'api/media/x.ts', rules: ['drawing-imports-shared-alone'] },
  {
    file: 'api/features/two/e.usecases.ts',
    imports: 'api/storage/x.ts',
    rules: ['engine-rooms-are-passed-in'],
  },
  { file: 'api/http/c.ts', imports: 'api/media/x.ts', rules: ['engine-rooms-are-passed-in'] },
  { file: 'api/provider-work/c.ts', imports: 'api/providers/x.ts', rules: ['engine-rooms-are-passed-in'] },
  {
    file: 'api/composition/d.ts',
    imports: 'api/providers/one/x.ts',
    rules: ['vendors-are-known-by-their-list'],
  },
  { file: 'api/providers/two/a.ts', imports: 'api/providers/one/x.ts', rules: ['no-vendor-imports-another'] },
  { file: 'api/features/two/f.rules.ts', imports: 'api/http/x.ts', rules: ['rules-are-pure'] },
  { file: 'api/library/d.rules.ts', imports: 'type db/x.ts', rules: ['rules-are-pure'] },
  {
    file: 'api/features/two/g.repository.ts',
    imports: 'api/http/x.ts',
    rules: ['repositories-know-the-database'],
  },
  {
    file: 'api/features/two/h.routes.ts',
    imports: 'api/library/x.repository.ts',
    rules: ['routes-go-through-usecases'],
  },
  { file: 'api/composition/a.ts', imports: 'nowhere', rules: ['no-unresolvable'] },
  { file: 'api/composition/b.ts', imports: 'devtool', rules: ['no-dev-dependencies-in-the-product'] },
  {
    file: 'api/events/a.ts',
    imports: 'api/config.ts',
    rules: ['engine-rooms-stand-alone', 'only-the-roots-compose'],
  },
  { file: 'api/storage/a.ts', imports: 'api/storage/b.ts', rules: ['no-circles'] },
];

/** What the rules let through. */
const allowed: [file: string, imports: string][] = [
  ['api/features/three/a.ts', 'api/library/x.ts'],
  ['api/features/three/b.ts', 'api/http/x.ts'],
  ['api/features/three/c.ts', 'api/provider-work/x.ts'],
  ['api/features/three/d.usecases.ts', 'type api/storage/x.ts'],
  ['api/features/three/e.ts', 'api/features/three/a.ts'],
  ['api/features/three/f.test.ts', 'api/test/x.ts'],
  ['api/features/three/h.job.ts', 'api/library/x.repository.ts'],
  ['api/features/three/feature.ts', 'api/work/x.ts'],
  ['api/features/index.ts', 'api/features/three/feature.ts'],
  ['api/work/c.ts', 'type api/jobs/x.ts'],
  ['api/provider-work/d.ts', 'api/library/x.ts'],
  ['api/providers/two/b.ts', 'api/providers/paid/x.ts'],
  ['api/composition/e.ts', 'api/providers/x.ts'],
  ['api/provider-work/e.ts', 'type api/jobs/x.ts'],
  ['api/library/e.repository.ts', 'db/x.ts'],
  ['api/http/d.ts', 'type api/storage/x.ts'],
  ['api/contract/c.ts', 'valibot'],
  ['api/shared/b.ts', 'api/contract/x.ts'],
  ['api/sample/a.ts', 'api/drawing/x.ts'],
  ['api/features/three/g.usecases.ts', 'type api/sample/x.ts'],
  ['api/composition/c.ts', 'api/features/one/x.ts'],
  ['api/test/a.ts', 'api/composition/c.ts'],
];

/** The other halves of circles: dependency-cruiser tells of a circle of files once. The folders know types alone. */
const circles: [file: string, imports: string][] = [
  ['api/storage/b.ts', 'api/storage/a.ts'],
  ['api/events/circle.ts', 'type api/jobs/circle.ts'],
  ['api/jobs/circle.ts', 'type api/events/back.ts'],
  ['api/events/back.ts', 'api/shared/x.ts'],
];

const ConfigSchema = v.object({ forbidden: v.array(v.object({ name: v.string() })) });
const ReportSchema = v.object({
  summary: v.object({
    violations: v.array(v.object({ from: v.string(), to: v.string(), rule: v.object({ name: v.string() }) })),
  }),
});

let tree: string;

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'songreel-rooms-'));
  const write = (file: string, text: string) => Bun.write(join(tree, file), text);
  await cp(join(root, 'tsconfig.json'), join(tree, 'tsconfig.json'));
  await write(
    'package.json',
    JSON.stringify({ dependencies: { hono: '1', valibot: '1' }, devDependencies: { devtool: '1' } }),
  );
  for (const name of ['hono', 'valibot', 'devtool']) {
    await write(
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
    );
    await write(`node_modules/${name}/index.js`, 'exports.x = 1;');
  }
  const files = [...breaks.map(({ file, imports }) => [file, imports] as const), ...allowed, ...circles];
  const writing = new Set(files.map(([file]) => file));
  for (const [file, imports] of files) {
    const [, type, target = ''] = /^(type )?(.+)$/.exec(imports) ?? [];
    const isFile = target.includes('/');
    if (isFile && !writing.has(target)) await write(target, 'export type T = 1;\nexport const x = 1;\n');
    const from = isFile ? `./${relative(dirname(file), target).replace(/\.ts$/, '')}` : target;
    const text =
      type === undefined
        ? `import { x as y } from '${from}';\nexport type T = 1;\nexport const x = y;\n`
        : `import type { T as U } from '${from}';\nexport type T = U;\nexport const x = 1;\n`;
    await write(file, text);
  }
});
afterAll(() => rm(tree, { recursive: true, force: true }));

/** What dependency-cruiser finds in the tree by one of the studio's configurations. */
async function cruise(name: string, ...folders: string[]) {
  const bin = join(root, 'node_modules/.bin/depcruise');
  const command = [process.execPath, bin, '--config', join(root, name), '--output-type', 'json', ...folders];
  const run = Bun.spawn(command, { cwd: tree, stdout: 'pipe', stderr: 'pipe' });
  const [out, errors] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
    run.exited,
  ]);
  expect(errors).toBe('');
  return v.parse(ReportSchema, JSON.parse(out)).summary.violations;
}

test('each rule of the rooms finds what breaks it, and nothing else', async () => {
  const found = new Map<string, Set<string>>();
  for (const { from, rule } of await cruise(config.rooms, 'api', 'db', 'scripts')) {
    found.set(from, (found.get(from) ?? new Set()).add(rule.name));
  }
  const inOrder = (entries: [string, string[]][]) =>
    Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  expect(inOrder([...found].map(([file, rules]) => [file, [...rules].sort()]))).toEqual(
    inOrder([
      ...breaks.map(({ file, rules }): [string, string[]] => [file, rules]),
      ['api/events/circle.ts', ['engine-rooms-stand-alone']],
      ['api/jobs/circle.ts', ['engine-rooms-stand-alone']],
    ]),
  );
});

test('there is no rule that nothing here breaks', () => {
  const { forbidden } = v.parse(ConfigSchema, createRequire(import.meta.url)(join(root, config.rooms)));
  const broken = new Set(breaks.flatMap(({ rules }) => rules));
  expect(forbidden.map(({ name }) => name).filter((name) => !broken.has(name))).toEqual([]);
});

test('a circle between folders is found, also one of types alone', async () => {
  const violations = await cruise(config.folders, 'api');
  expect(violations).toContainEqual({
    from: 'api/events',
    to: 'api/jobs',
    rule: { name: 'no-circles-between-folders' },
  });
});
