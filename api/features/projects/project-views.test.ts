import { afterAll, beforeAll, expect, test } from 'bun:test';
import { connect, type Database } from '../../../db/connect';
import type { Project } from '../../contract/project.schema';
import { localCaller } from '../../http/caller.rules';
import { namesState } from '../../http/http.etag';
import { createRevisions } from '../../library/project-revisions.repository';
import { type Answer, expectStatus, startTestStudio, type TestStudio } from '../../test/studio.harness';
import { plainClip } from '../../test/test-media';
import { createProjectViews } from './project-views.usecases';

let studio: TestStudio;
let sql: Database;
beforeAll(async () => {
  studio = await startTestStudio();
  sql = studio.studio.services.sql;
});
afterAll(() => studio.stop());

const get = (id: string, headers: Record<string, string> = {}): Promise<Answer<Project>> =>
  studio.api.call<Project>('GET', `/projects/${id}`, { headers });
/** What a read is without any view: straight from the database. */
const fresh = async (id: string): Promise<Project> => {
  const { callers, projects } = studio.studio.services;
  return JSON.parse(JSON.stringify(await callers.run(localCaller, () => projects.read(id))));
};

test('every table whose rows a project owns changes its revision, or is known to show nothing of it', async () => {
  // Ledger, standalone videos and who changed what are no part of a project's view.
  const apart = ['provider_calls', 'videos', 'audit_log', 'events', 'project_revisions'];
  const tables = await sql<{ name: string; revised: boolean }[]>`
    select c.table_name as name, exists (
      select 1 from pg_trigger t where t.tgrelid = c.table_name::regclass and t.tgname = 'project_revised'
    ) as revised
    from information_schema.columns c where c.table_schema = 'public' and c.column_name = 'project_id'`;
  expect(
    tables
      .filter(({ revised }) => !revised)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(apart.sort());
  expect(tables.filter(({ revised }) => revised)).toHaveLength(7);
});

test('a read is what the database has, after each change at once, and 304 while nothing changes', async () => {
  const { api } = studio;
  const project = await api.createProject({ title: 'One', format: { width: 320, height: 180, fps: 25 } });
  const { id } = project;
  const clip = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  const changes: (() => Promise<unknown>)[] = [
    () => api.call('PATCH', `/projects/${id}`, api.json({ title: 'Zwölf' })),
    () => api.addScene(id, { prompt: 'First' }),
    () => api.uploadClip(id, 1, clip),
    () => api.addScene(id, { prompt: 'Second' }),
    () => api.call('PATCH', `/projects/${id}/scenes/1`, api.json({ prompt: 'Changed' })),
    () => api.trim(id, 1, { inFrame: 5, outFrame: 30 }),
    () => api.call('DELETE', `/projects/${id}/scenes/2`),
    // By another program on the same database.
    async () => {
      const other = connect(studio.databaseUrl, { max: 1 });
      await other`update scenes set prompt = 'From elsewhere' where project_id = ${id}`;
      await other.end();
    },
  ];
  let etag = '';
  for (const change of changes) {
    await change();
    const [first, second] = [await get(id), await get(id)];
    const expected = await fresh(id);
    expect(first.body).toEqual(expected);
    expect(second.body).toEqual(expected);
    const next = first.headers.get('etag') ?? '';
    expect(next).not.toBe('');
    expect(next).not.toBe(etag);
    etag = next;
    expect(await get(id, { 'If-None-Match': etag })).toMatchObject({ status: 304, body: null });
  }
  expectStatus(await api.call('DELETE', `/projects/${id}`), 204);
  expect((await get(id, { 'If-None-Match': etag })).status).toBe(404);
  expect(await sql`select 1 from project_revisions where project_id = ${id}`).toHaveLength(0);
});

test('readers beside a writer never see less than what was acknowledged before they asked, nor a mixture', async () => {
  const { api } = studio;
  const mine = await api.createProject({ title: '0' });
  const other = await api.createProject({ title: 'other' });
  await api.addScene(mine.id, { prompt: '0' });
  let acknowledged = 0;
  let writing = true;
  const write = async () => {
    for (let n = 1; n <= 60; n++) {
      // One transaction: title and prompt are always alike.
      await sql.begin(async (tx) => {
        await tx`update projects set title = ${String(n)} where id = ${mine.id}`;
        await tx`update scenes set prompt = ${String(n)} where project_id = ${mine.id}`;
      });
      acknowledged = n;
    }
    writing = false;
  };
  let reads = 0;
  const readAll = async () => {
    while (writing) {
      const before = acknowledged;
      const { body } = await get(mine.id);
      expect(Number(body.title)).toBeGreaterThanOrEqual(before);
      // A project that changes faster than it can be read three times over may be mixed, as ever.
      if (body.scenes[0]?.prompt === body.title) reads += 1;
      expect((await get(other.id)).body).toMatchObject({ id: other.id, title: 'other' });
    }
  };
  await Promise.all([write(), readAll(), readAll(), readAll()]);
  expect(reads).toBeGreaterThan(0);
  expect((await get(mine.id)).body).toMatchObject({ title: '60', scenes: [{ prompt: '60' }] });
});

test('a view is made anew when its URLs are signed anew, and many who ask at once make it once', async () => {
  const project = await studio.api.createProject({ title: 'Shared' });
  let period = 1;
  let made = 0;
  const view = createProjectViews({
    revisionOf: createRevisions(sql),
    async read(id) {
      made += 1;
      return studio.studio.services.projects.read(id);
    },
    urlVersion: () => String(period),
  });
  const at = (id: string) => view(id);
  const all = await Promise.all(Array.from({ length: 20 }, () => at(project.id)));
  expect(new Set(all.map((one) => one?.etag)).size).toBe(1);
  expect(made).toBe(1);
  // The same project, however its id is written.
  expect((await at(project.id.toUpperCase()))?.etag).toBe(all[0]?.etag ?? '');
  period = 2;
  expect((await at(project.id))?.etag).not.toBe(all[0]?.etag ?? '');
  expect(made).toBe(2);
  expect(await at('not an id')).toBeNull();
  expect(await at(crypto.randomUUID())).toBeNull();
});

test('If-None-Match may name several states', () => {
  expect(namesState('"1-2", W/"3-4"', '"3-4"')).toBe(true);
  expect(namesState('"1-2"', '"3-4"')).toBe(false);
  expect(namesState(undefined, '"3-4"')).toBe(false);
});
