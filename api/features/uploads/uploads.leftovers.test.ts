import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, readdir, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../../../db/test-database';
import { claimUploads } from './uploads.leftovers';

setDefaultTimeout(60_000);

let database: TestDatabase;
let directory: string;
beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'songreel-uploads-'));
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

const claim = (kept: string[] = []) =>
  claimUploads({
    sql: database.sql,
    mediaRootId: 'root',
    directory,
    discard: async (path) => {
      if (!kept.includes(basename(path))) await unlink(path);
    },
  });
const leave = (...names: string[]) =>
  Promise.all(names.map((name) => Bun.write(join(directory, name), 'some bytes')));

test('what a killed process was receiving goes, what waits for its upload stays', async () => {
  await leave('half.part', 'waiting');
  const receiving = await claim(['waiting']);
  expect(await readdir(directory)).toEqual(['waiting']);
  await receiving.release();
});

test('nothing is touched while another process receives', async () => {
  const first = await claim();
  await leave('arriving.part');
  const second = await claim();
  expect(await readdir(directory)).toEqual(['arriving.part']);
  await first.release();
  const third = await claim();
  expect(await readdir(directory)).toEqual(['arriving.part']);
  await second.release();
  await third.release();
  await (await claim()).release();
  expect(await readdir(directory)).toEqual([]);
});
