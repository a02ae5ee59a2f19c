import { afterAll, beforeAll, expect, test } from 'bun:test';
import * as v from 'valibot';
import type { AuditPage } from '../../contract/audit.schema';
import { ErrorSchema } from '../../contract/error.schema';
import type { Project } from '../../contract/project.schema';
import { type Answer, createApiClient, startTestStudio, type TestStudio } from '../studio.harness';

const SETTING_TOKEN = 'a-token-of-the-settings-0123456789abcdef';

let studio: TestStudio;
let url: string;
let project: Project;
const tokens: Record<'read' | 'edit' | 'admin', string> = { read: '', edit: '', admin: '' };

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const call = <Body = unknown>(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Answer<Body>> => {
  const { json, call: send } = createApiClient(url);
  return send<Body>(method, path, body === undefined ? { headers } : json(body, headers));
};
const codeOf = (answer: Answer<unknown>) => [answer.status, v.parse(ErrorSchema, answer.body).error];

beforeAll(async () => {
  studio = await startTestStudio({
    API_TOKENS: SETTING_TOKEN,
    HOST: '0.0.0.0',
    TRUSTED_PROXIES: 'loopback',
    RATE_LIMIT_PER_MINUTE: '400',
  });
  url = `http://127.0.0.1:${new URL(studio.studio.url ?? '').port}`;
  for (const scope of ['read', 'edit', 'admin'] as const) {
    tokens[scope] = await studio.studio.services.access.createToken(`${scope}er`, scope);
  }
  const made = await call<Project>('POST', '/api/mv/projects', bearer(SETTING_TOKEN), { title: 'Secret' });
  expect(made.status).toBe(201);
  project = made.body;
});
afterAll(() => studio.stop());

const DocumentSchema = v.object({ paths: v.record(v.string(), v.record(v.string(), v.unknown())) });

/** What anybody may ask: the page, its documentation, whether the studio is alive, and signing in or out. */
const open = new Set([
  'GET /healthz',
  'GET /readyz',
  'POST /api/mv/session',
  'DELETE /api/mv/session',
  // Signed by the provider.
  'POST /api/mv/webhooks/{provider}',
]);

test('no route of the API answers without a token', async () => {
  const document = v.parse(DocumentSchema, (await call('GET', '/openapi.json')).body);
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(routes.length).toBeGreaterThan(30);
  const answered: string[] = [];
  for (const route of routes.filter((one) => !open.has(one))) {
    const [method = '', template = ''] = route.split(' ');
    const path = template.replaceAll(/\{[^}]+\}|:[A-Za-z]+/g, project.id);
    const answer = await call(method, path);
    if (answer.status !== 401) answered.push(`${route}: ${answer.status}`);
  }
  expect(answered).toEqual([]);
});

test('scopes: read looks, edit changes, admin reads the audit log', async () => {
  const path = `/api/mv/projects/${project.id}`;
  expect((await call('GET', path, bearer(tokens.read))).status).toBe(200);
  expect(codeOf(await call('PATCH', path, bearer(tokens.read), { title: 'Mine' }))).toEqual([
    403,
    'ScopeTooSmall',
  ]);
  expect((await call('PATCH', path, bearer(tokens.edit), { title: 'Ours' })).status).toBe(200);
  expect(codeOf(await call('GET', '/api/mv/admin/audit', bearer(tokens.edit)))).toEqual([
    403,
    'ScopeTooSmall',
  ]);
  const { body: audit } = await call<AuditPage>(
    'GET',
    `/api/mv/admin/audit?projectId=${project.id}`,
    bearer(tokens.admin),
  );
  // The refused change had no caller who may change anything, and is in the request log alone.
  expect(audit.entries.map(({ caller, method, status }) => ({ caller, method, status }))).toEqual([
    { caller: 'editer', method: 'PATCH', status: 200 },
  ]);
  const [entry] = audit.entries;
  expect(entry).toMatchObject({ path, projectId: project.id, error: null });
  expect(JSON.stringify(audit)).not.toContain(tokens.edit);
});

test('tokens are kept as hashes only, and a revoked one ends at once with its sessions and streams', async () => {
  const { access, sql } = studio.studio.services;
  const token = await access.createToken('for a while', 'edit');
  const secret = token.split('_').slice(2).join('_');
  const rows = await sql`select * from api_tokens`;
  expect(JSON.stringify(rows)).not.toContain(secret);
  const signedIn = await call('POST', '/api/mv/session', {}, { token });
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const asBrowser = { Cookie: cookie };
  const stop = new AbortController();
  const stream = await fetch(`${url}/api/mv/projects/${project.id}/events`, {
    headers: asBrowser,
    signal: stop.signal,
  });
  expect(stream.status).toBe(200);
  await access.revokeToken('for a while');
  expect((await call('GET', '/api/mv/session', bearer(token))).status).toBe(401);
  expect((await call('GET', '/api/mv/session', asBrowser)).status).toBe(401);
  stop.abort();
  await expect(access.createToken('for a while', 'read')).rejects.toMatchObject({ code: 'TokenNameTaken' });
  await expect(access.revokeToken('for a while')).rejects.toMatchObject({ code: 'TokenNotFound' });
});

test('a browser signs in once and holds a cookie that only the studio’s own page can use', async () => {
  const refused = await call('POST', '/api/mv/session', {}, { token: 'nonsense' });
  expect(refused.status).toBe(401);
  const signedIn = await call('POST', '/api/mv/session', {}, { token: tokens.edit });
  expect(signedIn.status).toBe(201);
  const set = signedIn.headers.get('set-cookie') ?? '';
  expect(set).toContain('HttpOnly');
  expect(set).toContain('SameSite=Strict');
  const overHttps = await call(
    'POST',
    '/api/mv/session',
    { 'X-Forwarded-Proto': 'https' },
    { token: tokens.edit },
  );
  expect(overHttps.headers.get('set-cookie')).toContain('Secure');
  const cookie = { Cookie: set.split(';')[0] ?? '' };
  const host = new URL(url).host;
  const own = { ...cookie, 'Sec-Fetch-Site': 'same-origin' };
  const path = `/api/mv/projects/${project.id}`;
  expect((await call('GET', path, cookie)).status).toBe(200);
  expect((await call('PATCH', path, own, { title: 'By its page' })).status).toBe(200);
  expect((await call('PATCH', path, { ...cookie, Origin: `http://${host}` }, { title: 'Old' })).status).toBe(
    200,
  );
  for (const forged of [
    cookie,
    { ...cookie, Origin: 'http://evil.example' },
    { ...cookie, Origin: 'null' },
    { ...cookie, 'Sec-Fetch-Site': 'cross-site' },
    { ...cookie, 'Sec-Fetch-Site': 'same-site', Origin: `http://${host}` },
    { ...cookie, 'Sec-Fetch-Site': 'none' },
  ]) {
    expect(codeOf(await call('PATCH', path, forged, { title: 'Forged' }))).toEqual([403, 'CrossSiteRequest']);
  }
  // Streams and media take the cookie as well.
  const stop = new AbortController();
  const stream = await fetch(`${url}${path}/events`, { headers: cookie, signal: stop.signal });
  const first = await stream.body?.getReader().read();
  expect([stream.status, new TextDecoder().decode(first?.value)]).toEqual([
    200,
    expect.stringContaining('retry:'),
  ]);
  stop.abort();
  expect((await call('GET', `/api/mv/get_video/${project.id}`, cookie)).status).toBe(404);
  // Signed out, the cookie is worth nothing, even to somebody who copied it.
  const out = await call('DELETE', '/api/mv/session', own);
  expect([out.status, out.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
  expect((await call('GET', path, cookie)).status).toBe(401);
});

test('a token may send only so many requests in a minute', async () => {
  const token = await studio.studio.services.access.createToken('busy', 'read');
  const answers = await Promise.all(
    Array.from({ length: 420 }, () => call('GET', '/api/mv/session', bearer(token))),
  );
  const statuses = answers.map((answer) => answer.status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(400);
  expect(statuses.filter((status) => status === 429)).toHaveLength(20);
  expect((await call('GET', '/api/mv/session', bearer(tokens.read))).status).toBe(200);
});

test('why a part is not ready is told to those alone who may know', async () => {
  const { body: anybody } = await call('GET', '/readyz');
  const ready = { ready: true };
  expect(anybody).toEqual({
    ready: true,
    parts: { database: ready, storage: ready, queue: ready, disk: ready, process: ready },
  });
});
