import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pTimeout from 'p-timeout';
import { createTestDatabase } from '../../../db/test-database';
import { readConfig } from '../../config';
import type { ErrorBody } from '../../contract/error.schema';
import type { Project } from '../../contract/project.schema';
import { startStudio } from '../../main';
import {
  type Answer,
  createApiClient,
  expectStatus,
  startTestStudio,
  type TestStudio,
} from '../studio.harness';

setDefaultTimeout(120_000);

const TOKEN = 'a-token-of-the-settings-0123456789abcdef';
const root = join(import.meta.dir, '..', '..', '..');
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const codeOf = ({ status, body }: Answer<ErrorBody>) => [status, body?.error];

/** Calls under the studio's root, with nothing but the given headers. */
const callerOf = (studio: TestStudio) => {
  const { call, json } = createApiClient(studio.studio.url ?? '');
  return <Body = ErrorBody>(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: unknown,
  ) => call<Body>(method, path, body === undefined ? { headers } : json(body, headers));
};

/** Starts a studio that must not start; resolves to why. A studio that does start is stopped. */
async function refusalOf(settings: Record<string, string>): Promise<unknown> {
  const database = await createTestDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'songreel-refused-'));
  try {
    const base = { DATABASE_URL: database.url, DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'silent' };
    const studio = await startStudio(readConfig({ ...base, ...settings }));
    await studio.stop();
    return 'it started';
  } catch (error) {
    return error;
  } finally {
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  }
}

describe('a studio that others can reach does not start without tokens', () => {
  for (const settings of [
    { HOST: '0.0.0.0' },
    { PUBLIC_URL: 'https://studio.example' },
    { PUBLIC_URL: 'http://127.0.0.1:3000' },
    { S3_PUBLIC_ENDPOINT: 'https://media.example' },
  ]) {
    test(JSON.stringify(settings), async () => {
      expect(await refusalOf(settings)).toMatchObject({
        code: 'TokensNeeded',
        message: expect.stringMatching(/bun run tokens.*openssl rand -hex 32/),
      });
    });
  }

  test('with a token in its database it does, and the token is asked for', async () => {
    const database = await createTestDatabase();
    const directory = await mkdtemp(join(tmpdir(), 'songreel-tokens-'));
    const settings = { DATABASE_URL: database.url, DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'silent' };
    try {
      const first = await startStudio(readConfig(settings));
      const token = await first.services.access.createToken('first', 'admin');
      await first.stop();
      const studio = await startStudio(readConfig({ ...settings, PUBLIC_URL: 'https://studio.example' }));
      try {
        const { call } = createApiClient(studio.url ?? '');
        expect((await call('GET', '/api/mv/projects')).status).toBe(401);
        expect((await call('GET', '/api/mv/projects', { headers: bearer(token) })).status).toBe(200);
      } finally {
        await studio.stop();
      }
    } finally {
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    }
  });

  test('a worker serves nobody and needs none', async () => {
    expect(await refusalOf({ HOST: '0.0.0.0', ROLE: 'worker' })).toBe('it started');
  });

  test('a short token is no token, and the refusal does not show it', () => {
    for (const API_TOKENS of ['a', 'hunter2', `${TOKEN},hunter2`, 'x'.repeat(31), `hunter2 ${TOKEN}`]) {
      const read = () => readConfig({ API_TOKENS });
      expect(read).toThrow(/API_TOKENS.*openssl rand -hex 32/);
      expect(read).not.toThrow('hunter2');
    }
    expect(readConfig({ API_TOKENS: 'x'.repeat(32) }).API_TOKENS).toHaveLength(1);
  });

  test('TRUSTED_PROXIES that name no network are refused', () => {
    expect(() => readConfig({ TRUSTED_PROXIES: 'loopback,proxy.example' })).toThrow('TRUSTED_PROXIES');
    expect(readConfig({ TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,::1' }).TRUSTED_PROXIES).toHaveLength(3);
  });
});

describe('a studio without tokens', () => {
  let studio: TestStudio;
  let ask: ReturnType<typeof callerOf>;
  beforeAll(async () => {
    studio = await startTestStudio({ TRUSTED_PROXIES: 'loopback' });
    ask = callerOf(studio);
  });
  afterAll(() => studio.stop());

  test('does nothing that came through a proxy, trusted or not, whatever its Host', async () => {
    for (const header of [
      'X-Forwarded-For',
      'X-Forwarded-Host',
      'X-Forwarded-Proto',
      'Forwarded',
      'X-Real-IP',
      'Via',
    ]) {
      const answer = await ask('POST', '/api/mv/projects', { [header]: '203.0.113.9' }, { title: 'In' });
      expect(codeOf(answer)).toEqual([403, 'ProxyNeedsTokens']);
      expect(answer.body.message).toMatch(/API_TOKENS.*TRUSTED_PROXIES/);
      expect((await ask('GET', '/readyz', { [header]: 'x' })).status).toBe(403);
    }
    // A proxy that says nothing of itself: the browser behind it does.
    const rewritten = { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://studio.example' };
    expect(codeOf(await ask('POST', '/api/mv/projects', rewritten, { title: 'In' }))).toEqual([
      403,
      'UnknownHost',
    ]);
    expect((await studio.api.call<{ projects: unknown[] }>('GET', '/projects')).body.projects).toEqual([]);
  });

  test('/readyz asks database, storage and queue once, however many ask it', async () => {
    const heads: number[] = [];
    const { storage } = studio.studio.services;
    const before = storage.head;
    storage.head = (key) => {
      heads.push(1);
      return before(key);
    };
    try {
      const answers = await Promise.all(Array.from({ length: 50 }, () => ask('GET', '/readyz')));
      for (const answer of answers) expect(answer.status).toBe(200);
      expect(heads).toHaveLength(1);
      for (let n = 0; n < 10; n++) await ask('GET', '/readyz');
      expect(heads.length).toBeWithin(1, 3);
    } finally {
      storage.head = before;
    }
  });

  test('a project has at most 1,000 scenes, however they are made', async () => {
    const { sql, newId } = { sql: studio.studio.services.sql, newId: () => Bun.randomUUIDv7() };
    const { api } = studio;
    const project = await api.createProject();
    const rows = Array.from({ length: 999 }, (_, index) => ({ id: newId(), sequence: index + 1 }));
    await sql`
      insert into scenes (id, project_id, sequence, prompt, negative_prompt)
      select (row->>'id')::uuid, ${project.id}, (row->>'sequence')::int, '', ''
      from jsonb_array_elements(${JSON.stringify(rows)}::text::jsonb) as row`;
    await api.addScene(project.id);
    const path = `/projects/${project.id}/scenes`;
    const refused = await api.refused('POST', path, api.json({ prompt: 'One more' }));
    expect(codeOf(refused)).toEqual([422, 'TooManyScenes']);
    expect(refused.body.message).toContain('1000');
    expect(codeOf(await api.refused('POST', `${path}/1/duplicate`))).toEqual([422, 'TooManyScenes']);
    const split = await api.refused('POST', `${path}/1/split`, api.json({ frame: 10 }));
    expect(codeOf(split)).toEqual([422, 'TooManyScenes']);
  });

  test('no more than 250 event streams of one caller are open', async () => {
    const { api } = studio;
    const project = await api.createProject();
    const stop = new AbortController();
    // A response that nobody holds is hung up by the garbage collector.
    const responses: Response[] = [];
    const open = () => fetch(`${api.base}/projects/${project.id}/events`, { signal: stop.signal });
    try {
      while (responses.length < 400) {
        responses.push(...(await Promise.all(Array.from({ length: 50 }, open))));
      }
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(250);
      expect(responses.filter(({ status }) => status === 429)).toHaveLength(150);
      const refused = await api.refused('GET', `/projects/${project.id}/events`);
      expect(codeOf(refused)).toEqual([429, 'TooManyStreams']);
    } finally {
      stop.abort();
    }
    // Hung up, they make room.
    const again = new AbortController();
    const until = performance.now() + 10_000;
    let status = 429;
    while (status === 429 && performance.now() < until) {
      const answer = await fetch(`${api.base}/projects/${project.id}/events`, { signal: again.signal });
      status = answer.status;
    }
    again.abort();
    expect(status).toBe(200);
  });

  test('a caller has at most 2,000 jobs waiting, a project 1,000', async () => {
    const { sql, jobs } = studio.studio.services;
    const { api } = studio;
    const project = await api.createProject();
    await api.addScene(project.id);
    const fill = (count: number, of: { projectId: string | null; requestedBy: string | null }) => sql`
      insert into jobs (id, project_id, kind, state, requested_by)
      select gen_random_uuid(), ${of.projectId}, 'upload_song' || n, 'queued', ${of.requestedBy}
      from generate_series(1, ${count}) as n`;
    const compose = () => api.refused('POST', `/projects/${project.id}/compose`);
    const clip = () => api.refused('POST', '/generate_video', api.json({ prompt: 'A sea' }));
    try {
      await fill(1000, { projectId: project.id, requestedBy: null });
      const ofProject = await api.refused('POST', `/projects/${project.id}/scenes/1/generate_image`, {
        ...api.json({ prompt: 'A sea' }, { Prefer: 'respond-async' }),
      });
      expect(codeOf(ofProject)).toEqual([429, 'TooManyJobs']);
      expect(ofProject.body.message).toContain('of this project');
      await sql`delete from jobs`;
      await fill(2000, { projectId: null, requestedBy: 'local' });
      const ofCaller = await clip();
      expect(codeOf(ofCaller)).toEqual([429, 'TooManyJobs']);
      expect(ofCaller.body.message).toContain('asked for');
      await sql`delete from jobs`;
      await fill(2000, { projectId: null, requestedBy: 'somebody else' });
      const { body } = await api.call<{ id: string }>('POST', '/generate_video', {
        ...api.json({ prompt: 'A sea' }, { Prefer: 'respond-async' }),
      });
      const [made] = await sql<
        { requestedBy: string }[]
      >`select requested_by from jobs where id = ${body.id}`;
      expect(made?.requestedBy).toBe('local');
      await jobs.cancel(body.id);
    } finally {
      await sql`delete from jobs`;
    }
    expect((await compose()).status).toBeLessThan(500);
  });

  test('says nothing of HTTPS, which it does not have', async () => {
    expect((await ask('GET', '/healthz')).headers.get('strict-transport-security')).toBeNull();
  });
});

describe('behind a trusted proxy', () => {
  let studio: TestStudio;
  let ask: ReturnType<typeof callerOf>;
  const https = {
    'X-Forwarded-For': '203.0.113.9',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'studio.example',
  };
  beforeAll(async () => {
    studio = await startTestStudio({ API_TOKENS: TOKEN, TRUSTED_PROXIES: 'loopback' });
    ask = callerOf(studio);
  });
  afterAll(() => studio.stop());

  test('HTTPS is kept to for this name alone', async () => {
    const { headers } = await ask('GET', '/healthz', https);
    expect(headers.get('strict-transport-security')).toBe('max-age=15552000');
    expect((await ask('GET', '/healthz')).headers.get('strict-transport-security')).toBeNull();
  });

  test('the cookie is Secure, and the page’s own name is the client’s', async () => {
    const signedIn = await ask('POST', '/api/mv/session', https, { token: TOKEN });
    const cookie = signedIn.headers.get('set-cookie') ?? '';
    expect(cookie).toContain('Secure');
    const own = { ...https, Cookie: cookie.split(';')[0] ?? '' };
    const make = (origin: string) =>
      ask('POST', '/api/mv/projects', { ...own, Origin: origin }, { title: 'By its page' });
    expect((await make('https://studio.example')).status).toBe(201);
    expect(codeOf(await make('https://evil.example'))).toEqual([403, 'CrossSiteRequest']);
  });

  test('wrong tokens of one client do not shut out another', async () => {
    const from = (address: string) => ({ ...https, 'X-Forwarded-For': address });
    for (let n = 0; n < 60; n++)
      await ask('GET', '/api/mv/session', { ...from('203.0.113.66'), ...bearer('wrong') });
    // What the client itself wrote into the header does not make it another.
    const disguised = from('198.51.100.1, 203.0.113.66');
    expect((await ask('GET', '/api/mv/session', { ...disguised, ...bearer(TOKEN) })).status).toBe(429);
    expect((await ask('GET', '/api/mv/session', { ...from('203.0.113.7'), ...bearer(TOKEN) })).status).toBe(
      200,
    );
  });
});

test('from a peer that is not trusted, what it says of others counts for nothing', async () => {
  const studio = await startTestStudio({ API_TOKENS: TOKEN });
  try {
    const ask = callerOf(studio);
    const said = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '203.0.113.9' };
    const signedIn = await ask('POST', '/api/mv/session', said, { token: TOKEN });
    expect(signedIn.headers.get('set-cookie')).not.toContain('Secure');
    expect(signedIn.headers.get('strict-transport-security')).toBeNull();
    for (let n = 0; n < 30; n++) {
      const elsewhere = { 'X-Forwarded-For': `203.0.113.${n}`, Forwarded: `for=203.0.113.${n}` };
      await ask('GET', '/api/mv/session', { ...elsewhere, ...bearer('wrong') });
    }
    const right = await ask('GET', '/api/mv/session', { 'X-Forwarded-For': '1.1.1.1', ...bearer(TOKEN) });
    expect(codeOf(right)).toEqual([429, 'TooManyWrongTokens']);
  } finally {
    await studio.stop();
  }
});

describe('guesses', () => {
  let studio: TestStudio;
  let ask: ReturnType<typeof callerOf>;
  beforeAll(async () => {
    studio = await startTestStudio({ API_TOKENS: TOKEN });
    ask = callerOf(studio);
  });
  afterAll(() => studio.stop());
  const session = '/api/mv/session';

  test('missing tokens and cookies of old sessions never count', async () => {
    const old = { Cookie: `songreel_session=${Bun.randomUUIDv7()}.${'x'.repeat(43)}` };
    for (let n = 0; n < 75; n++) {
      expect((await ask('GET', '/api/mv/projects', n % 2 === 0 ? {} : old)).status).toBe(401);
    }
    expect((await ask('POST', session, {}, { token: TOKEN })).status).toBe(201);
  });

  test('a revoked token is refused as often as it is sent, and shuts nobody out', async () => {
    const { access } = studio.studio.services;
    const token = await access.createToken('forgotten', 'edit');
    await access.revokeToken('forgotten');
    for (let n = 0; n < 30; n++) {
      expect(codeOf(await ask('GET', session, bearer(token)))).toEqual([401, 'TokenUnknown']);
    }
    expect((await ask('GET', session, bearer(TOKEN))).status).toBe(200);
  });

  test('after 60 wrong ones at once the right one has to wait; who is signed in goes on', async () => {
    const signedIn = await ask('POST', session, {}, { token: TOKEN });
    const cookie = { Cookie: (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
    const wrong = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        n % 2 === 0
          ? ask('GET', '/api/mv/projects', bearer(`wrong-${n}`))
          : ask('POST', session, {}, { token: `wrong-${n}` }),
      ),
    );
    const statuses = wrong.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(50);

    const right = await ask('GET', '/api/mv/projects', bearer(TOKEN));
    expect(codeOf(right)).toEqual([429, 'TooManyWrongTokens']);
    expect(Number(right.headers.get('retry-after'))).toBeWithin(50, 61);
    expect(right.body.message).toMatch(/again in \d+ seconds/);
    expect(codeOf(await ask('POST', session, {}, { token: TOKEN }))).toEqual([429, 'TooManyWrongTokens']);
    // Whoever sends nothing is asked for a token, so that the page shows its field.
    expect(codeOf(await ask('GET', session))).toEqual([401, 'TokenNeeded']);
    expect((await ask('GET', session, cookie)).status).toBe(200);
  });
});

describe('revocation', () => {
  let studio: TestStudio;
  let project: Project;
  beforeAll(async () => {
    studio = await startTestStudio({ API_TOKENS: TOKEN });
    project = await studio.api.createProject();
  });
  afterAll(() => studio.stop());

  /** Opens an event stream; `ended` resolves to the time when it was closed from the other side. */
  async function openStream(headers: Record<string, string>) {
    const hangUp = new AbortController();
    const response = await fetch(`${studio.api.base}/projects/${project.id}/events`, {
      headers,
      signal: hangUp.signal,
    });
    expectStatus({ status: response.status, headers: response.headers, body: null }, 200);
    const reader = response.body?.getReader();
    await reader?.read();
    const ended = (async () => {
      while (!(await reader?.read())?.done);
      return performance.now();
    })();
    return { ended, hangUp };
  }
  const within = (ended: Promise<number>, ms: number) =>
    pTimeout(ended, { milliseconds: ms, fallback: () => Number.POSITIVE_INFINITY });

  async function signIn(token: string): Promise<Record<string, string>> {
    const { call, json } = createApiClient(studio.api.base);
    const answer = await call('POST', '/session', json({ token }));
    return { Cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
  }

  test('a token revoked by the command ends its streams and those of its sessions within a second', async () => {
    const { access } = studio.studio.services;
    const token = await access.createToken('leaver', 'edit');
    const stays = await access.createToken('stays', 'edit');
    const streams = [await openStream(bearer(token)), await openStream(await signIn(token))];
    const other = await openStream(bearer(stays));
    const child = Bun.spawn([process.execPath, 'scripts/tokens.ts', 'revoke', 'leaver'], {
      cwd: root,
      stdout: 'pipe',
      stderr: 'inherit',
      env: { ...process.env, DATABASE_URL: studio.databaseUrl, DATA_DIR: studio.dataDirectory },
    });
    // It tells when the revocation is committed.
    const said = await child.stdout.getReader().read();
    const revokedAt = performance.now();
    expect(new TextDecoder().decode(said.value)).toContain('have ended');
    for (const { ended } of streams) expect((await within(ended, 1000)) - revokedAt).toBeLessThan(1000);
    expect(await within(other.ended, 200)).toBe(Number.POSITIVE_INFINITY);
    other.hangUp.abort();
    await other.ended.catch(() => 0);
    expect(await child.exited).toBe(0);
    expect((await studio.api.call('GET', '/session', { headers: bearer(token) })).status).toBe(401);
  });

  test('signing out ends the streams of that browser alone', async () => {
    const [leaves, stays] = [await signIn(TOKEN), await signIn(TOKEN)];
    const stream = await openStream(leaves);
    const other = await openStream(stays);
    const since = performance.now();
    await studio.api.call('DELETE', '/session', {
      headers: { ...leaves, Authorization: '', 'Sec-Fetch-Site': 'same-origin' },
    });
    expect((await within(stream.ended, 1000)) - since).toBeLessThan(1000);
    expect(await within(other.ended, 200)).toBe(Number.POSITIVE_INFINITY);
    other.hangUp.abort();
    await other.ended.catch(() => 0);
  });

  test('word that was lost with the listener’s connection is made up for', async () => {
    const { access, sql } = studio.studio.services;
    const token = await access.createToken('unheard', 'edit');
    const { ended } = await openStream(bearer(token));
    // Revoked behind everybody's back; then the connection breaks and is made again.
    await sql`update api_tokens set revoked_at = now() where name = 'unheard'`;
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'songreel listener'`;
    expect(await within(ended, 14_000)).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test('names that stand for others in the audit log can’t be taken', async () => {
    const { access } = studio.studio.services;
    for (const name of [
      'API_TOKENS',
      'api_tokens',
      'Api_Tokens',
      ' API_TOKENS',
      'ＡＰＩ_ＴＯＫＥＮＳ',
      'local',
      'Local',
    ]) {
      await expect(access.createToken(name, 'read')).rejects.toMatchObject({ code: 'TokenNameReserved' });
    }
  });
});
