import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { Glob } from 'bun';
import { requireProjectId, requireSceneId } from './job-subject';

const job = { id: 'j1', projectId: 'p1', sceneId: 's1' };

test('gives the project and the scene of a job', () => {
  expect([requireProjectId(job), requireSceneId(job)]).toEqual(['p1', 's1']);
});

test('a job without one is named in the error', () => {
  const bare = { ...job, projectId: null, sceneId: null };
  const refused = (what: string) =>
    expect.objectContaining({
      code: 'JobIncomplete',
      details: { jobId: 'j1' },
      message: expect.stringContaining(`The job j1 names no ${what}`),
    });
  expect(() => requireProjectId(bare)).toThrow(refused('project'));
  expect(() => requireSceneId(bare)).toThrow(refused('scene'));
});

test('no code asks for the project or scene with an empty id', async () => {
  const api = join(import.meta.dir, '..');
  const found: string[] = [];
  for await (const path of new Glob('**/*.ts').scan({ cwd: api })) {
    if (path.endsWith('.test.ts')) continue;
    if (/\.(?:projectId|sceneId) \?\? ''/.test(await Bun.file(join(api, path)).text())) found.push(path);
  }
  expect(found).toEqual([]);
});
