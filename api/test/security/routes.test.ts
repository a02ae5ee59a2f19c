import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import * as v from 'valibot';
import { type Scope, scopes } from '../../contract/access.schema';
import { ErrorSchema } from '../../contract/error.schema';
import type { Project } from '../../contract/project.schema';
import type { Take } from '../../contract/take.schema';
import { until } from '../process.harness';
import { createApiClient, expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip } from '../test-media';
import { sendRaw } from './raw-request.harness';
import { appRoutes, type DocumentedRoute, fillPath, nameOf, readRoutes } from './routes.harness';

setDefaultTimeout(120_000);

const SETTING_TOKEN = 'a-token-of-the-settings-0123456789abcdef';

/** What anybody may ask for, and why. */
const openRoutes: Record<string, string> = {
  'GET /healthz': 'says only that the process is alive',
  'GET /readyz': 'says only which part is not ready',
  'POST /api/mv/session': 'signs in, with a token in its body',
  'DELETE /api/mv/session': 'signs out whoever sends the whole cookie',
  'POST /api/mv/webhooks/{provider}': 'carries the signature of its provider',
};

/** What the document does not name, and why nobody needs a token for it. */
const undocumented: Record<string, string> = {
  'ALL /*': 'layers before every route',
  'ALL /api/*': 'layers before the API; the first asks for the token',
  'ALL /metrics': 'asks for the token',
  'GET /openapi.json': 'the document itself',
  'GET /docs': 'the page that shows the document',
  'GET /docs/songreel.css': 'a file of that page',
  'GET /docs/songreel.js': 'a file of that page',
  'GET /docs/swagger-ui.css': 'a file of that page',
  'GET /docs/swagger-ui-bundle.js': 'a file of that page',
  'GET /media/*': 'media, by an address that is signed, ends, and ends with whom it was given to',
  'GET /_app/immutable/*': 'files of the studio page',
  'GET /_app/*': 'files of the studio page',
  'GET /*': 'the studio page',
  'GET /api/mv/uploads/{id}': 'HEAD of the upload protocol; under /api, so it asks for the token',
  'OPTIONS /api/mv/uploads': 'the upload protocol; under /api, so it asks for the token',
  'OPTIONS /api/mv/uploads/{id}': 'the upload protocol; under /api, so it asks for the token',
};

/** Routes that need a token although the document lacks them. */
const closedUndocumented = Object.keys(undocumented).filter((name) => name.includes('/api/mv/'));

let studio: TestStudio;
let url: string;
let port: number;
let routes: DocumentedRoute[];
let ids: Record<string, string>;
const tokens: Record<Scope | 'revoked', string> = { read: '', edit: '', admin: '', revoked: '' };

/**
 * Each guess of a token comes from an address of its own, as a proxy tells it: guesses from one address
 * are slowed down, which is another test's subject.
 */
let guesses = 0;
const fromElsewhere = () => {
  guesses += 1;
  return { 'X-Forwarded-For': `203.0.${Math.floor(guesses / 250)}.${(guesses % 250) + 1}` };
};
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

beforeAll(async () => {
  studio = await startTestStudio({
    API_TOKENS: SETTING_TOKEN,
    HOST: '0.0.0.0',
    TRUSTED_PROXIES: '127.0.0.1',
    RATE_LIMIT_PER_MINUTE: '100000',
  });
  port = Number(new URL(studio.studio.url ?? '').port);
  url = `http://127.0.0.1:${port}`;
  const { access } = studio.studio.services;
  for (const scope of scopes) tokens[scope] = await access.createToken(`${scope}er`, scope);
  tokens.revoked = await access.createToken('revoked', 'admin');
  await access.revokeToken('revoked');

  // Something that is there: a hole shows itself by a 200 rather than by a 404.
  const { call, json, form } = createApiClient(`${url}/api/mv`);
  const admin = bearer(SETTING_TOKEN);
  const format = { width: 320, height: 180, fps: 25 };
  const project = expectStatus(
    await call<Project>('POST', '/projects', json({ title: 'Secret', format }, admin)),
    201,
  );
  const scenes = `/projects/${project.id}/scenes`;
  expectStatus(await call('POST', scenes, json({ prompt: 'One' }, admin)), 201);
  const clip = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  expectStatus(
    await call('POST', `${scenes}/1/upload_video`, { ...(await form(clip, 'clip.mp4')), headers: admin }),
    200,
  );
  const { takes } = expectStatus(
    await call<{ takes: Take[] }>('GET', `${scenes}/1/takes`, { headers: admin }),
    200,
  );
  await until('the studio has made the clip’s pictures by itself', async () => {
    const rows = await studio.studio.services.sql`
      select 1 from takes where poster_key is null or filmstrip_key is null`;
    return rows.length === 0;
  });
  const { jobs } = expectStatus(
    await call<{ jobs: { id: string }[] }>('GET', `/projects/${project.id}/jobs`, { headers: admin }),
    200,
  );
  const take = takes[0]?.id ?? '';
  ids = { projectId: project.id, sequence: '1', takeId: take, id: take, jobId: jobs[0]?.id ?? '' };
  ids['provider'] = 'replicate';
  routes = await readRoutes(url);
});
afterAll(() => studio.stop());

/** Sends an empty request of a route, to things that are there or to none. */
async function ask(
  route: Pick<DocumentedRoute, 'method' | 'path'>,
  headers: Record<string, string>,
  existing = true,
) {
  const path = fillPath(route.path, existing ? ids : {}, crypto.randomUUID());
  const answer = await fetch(`${url}${path}`, {
    method: route.method,
    headers: { Prefer: 'respond-async', ...headers },
    signal: AbortSignal.timeout(20_000),
  });
  // An event stream would never end.
  const text = answer.ok ? '' : await answer.text();
  await answer.body?.cancel().catch(() => undefined);
  return { status: answer.status, code: codeIn(text) };
}

function codeIn(text: string): string {
  if (!text.startsWith('{')) return '';
  const parsed = v.safeParse(ErrorSchema, JSON.parse(text));
  return parsed.success ? parsed.output.error : '';
}

/** The scope that a route needs: looking is `read`, everything else `edit`, the studio's own matters `admin`. */
const needed = ({ method, path }: DocumentedRoute): Scope =>
  path.startsWith('/api/mv/admin/') ? 'admin' : method === 'GET' ? 'read' : 'edit';

/** Rows of everything that people make; what the studio does by itself stays out. */
async function madeByPeople(): Promise<unknown> {
  const { sql } = studio.studio.services;
  const rows: Record<string, unknown> = {};
  for (const table of [
    'projects',
    'songs',
    'scenes',
    'takes',
    'jobs',
    'videos',
    'compositions',
    'sessions',
  ]) {
    rows[table] = await sql`select * from ${sql(table)} order by id`;
  }
  return rows;
}

test('the document says which routes are open, and no others are', () => {
  const said = routes.filter((route) => route.open).map(nameOf);
  expect(said.sort()).toEqual(Object.keys(openRoutes).sort());
});

test('what the app routes is in the document, or on a list with its reason', () => {
  const documented = new Set(routes.map(nameOf));
  const others = appRoutes(studio.studio.services).filter((name) => !documented.has(name));
  expect(others).toEqual(Object.keys(undocumented).sort());
});

test('no token: every route is refused, and nobody is made to wait for having none', async () => {
  const closed = routes.filter((route) => !route.open);
  expect(closed.length).toBeGreaterThan(50);
  const before = await madeByPeople();
  const wrong: string[] = [];
  // Twice: that is more than a stranger may guess in a minute.
  for (const route of [...closed, ...closed]) {
    const { status, code } = await ask(route, {});
    if (status !== 401 || code !== 'TokenNeeded') wrong.push(`${nameOf(route)}: ${status} ${code}`);
  }
  expect(wrong).toEqual([]);
  expect(await madeByPeople()).toEqual(before);
});

test('wrong and revoked tokens: every route is refused', async () => {
  const attempts: Record<string, Record<string, string>> = {
    wrong: bearer(`${SETTING_TOKEN}x`),
    revoked: bearer(tokens.revoked),
    'of the right form': bearer(`${tokens.admin.slice(0, -4)}AAAA`),
    'as a cookie': { Cookie: `songreel_session=${SETTING_TOKEN}` },
  };
  const before = await madeByPeople();
  const wrong: string[] = [];
  for (const route of routes.filter(({ open }) => !open)) {
    for (const [name, headers] of Object.entries(attempts)) {
      const { status } = await ask(route, { ...headers, ...fromElsewhere() });
      if (status !== 401) wrong.push(`${name} at ${nameOf(route)}: ${status}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(await madeByPeople()).toEqual(before);
});

test.each(scopes)('the scope %s: what it allows is let through, the rest is refused', async (scope) => {
  const before = await madeByPeople();
  const wrong: string[] = [];
  const may = (route: DocumentedRoute) => scopes.indexOf(scope) >= scopes.indexOf(needed(route));
  for (const route of routes.filter(({ open }) => !open)) {
    const allowed = may(route);
    // What is allowed is asked of things that are not there, so that nothing is deleted or begun.
    const { status, code } = await ask(route, bearer(tokens[scope]), !allowed);
    const fits = allowed ? status !== 401 && status !== 403 : status === 403 && code === 'ScopeTooSmall';
    if (!fits) wrong.push(`${nameOf(route)}: ${status} ${code}`);
  }
  expect(wrong).toEqual([]);
  // Without refusals nothing was shown of them.
  expect(routes.some((route) => !route.open && !may(route))).toBe(scope !== 'admin');
  if (scope === 'read') expect(await madeByPeople()).toEqual(before);
});

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'get'];

test('a method that a route does not have gives nothing without a token', async () => {
  const before = await madeByPeople();
  const documented = new Set(routes.map(nameOf));
  const paths = [...new Set(routes.map(({ path }) => path))];
  const isOpen = (path: string) => routes.some((route) => route.path === path && route.open);
  const answered: string[] = [];
  for (const path of paths) {
    for (const method of methods.filter((one) => !documented.has(`${one} ${path}`))) {
      // HEAD is GET without its body.
      if (method === 'HEAD' && isOpen(path)) continue;
      const { status } = await sendRaw(
        { host: '127.0.0.1', port },
        { method, target: fillPath(path, ids, '') },
      );
      // A connection that is closed without any answer is a refusal, too.
      if (status < 400) answered.push(`${method} ${path}: ${status}`);
    }
  }
  expect(answered).toEqual([]);
  expect(closedUndocumented.every((name) => paths.includes(name.split(' ')[1] ?? ''))).toBe(true);
  expect(await madeByPeople()).toEqual(before);
});

test('no other way of writing a path gets around the token', async () => {
  const project = `/api/mv/projects/${ids['projectId']}`;
  const targets = [
    ...[
      '/api/mv//projects',
      '//api/mv/projects',
      '/api//mv/projects',
      '/api/mv/projects/',
      '/./api/mv/projects',
    ],
    ...[
      '/docs/../api/mv/projects',
      '/docs/%2e%2e/api/mv/projects',
      '/api%2Fmv%2Fprojects',
      '/%61pi/mv/projects',
    ],
    ...[
      '/API/mv/projects',
      '/api/MV/projects',
      '/api/mv/projects;a=b',
      '/api/mv/projects%00',
      '/api/mv/projects%20',
    ],
    ...['/api/mv/projects#x', '/api\\mv\\projects', '/api/mv/%70rojects', '/api/mv/session/../projects'],
    ...['/metrics/', '//metrics', '/%6detrics', '/METRICS', '/_app/../metrics', '/_app/../api/mv/projects'],
    ...[`${project}/../../projects`, `${project}%2fscenes`, `${project}?token=${SETTING_TOKEN}`],
    ...[
      `http://127.0.0.1:${port}${project}`,
      `http://evil.example${project}`,
      '*',
      '/api/mv/projects?x=/healthz',
    ],
  ];
  const told: string[] = [];
  for (const target of targets) {
    for (const method of ['GET', 'POST']) {
      const { status, contentType, text } = await sendRaw({ host: '127.0.0.1', port }, { method, target });
      // Whatever is no path of the API may be a place within the page, which holds nothing of anybody.
      const page = status === 200 && contentType.startsWith('text/html') && text.includes('/_app/');
      if ((status < 400 && !page) || text.includes('Secret') || text.includes(ids['projectId'] ?? '-')) {
        told.push(`${method} ${target}: ${status} ${contentType} ${text.slice(0, 80)}`);
      }
    }
  }
  expect(told).toEqual([]);
});

test('windows are kept apart from other sites’ where browsers heed it, and nothing is said where they don’t', async () => {
  const policyAs = async (host: string) => {
    const answer = await fetch(`${url}/`, { headers: { Host: host } });
    return answer.headers.get('cross-origin-opener-policy');
  };
  expect(await policyAs(`127.0.0.1:${port}`)).toBe('same-origin');
  expect(await policyAs('studio.example')).toBeNull();
});
