import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { installedPackages, isAllowed, known } from './licences';

const root = join(import.meta.dir, '..', '..');

test('every installed package has a licence that is allowed, or is known by name with the reason', () => {
  const packages = installedPackages(join(root, 'node_modules'));
  expect(packages.length).toBeGreaterThan(200);
  const others = packages.filter(({ name, licence }) => !isAllowed(licence) && !(name in known));
  expect(others).toEqual([]);
});

test('licences that may be chosen or hold together are told apart', () => {
  expect(isAllowed('(MIT OR GPL-3.0)')).toBe(true);
  expect(isAllowed('MIT AND GPL-3.0')).toBe(false);
  expect(isAllowed('AGPL-3.0')).toBe(false);
  expect(isAllowed('none')).toBe(false);
});

test('CI installs exactly what the lockfile says, from exact versions', async () => {
  const { default: file } = await import('../../package.json');
  expect(await Bun.file(join(root, '.ci/run')).text()).toContain('run test');
  expect(file.scripts.test).toStartWith('bun install --frozen-lockfile');
  const versions = Object.values({
    ...file.dependencies,
    ...file.devDependencies,
    ...file.optionalDependencies,
  });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});
