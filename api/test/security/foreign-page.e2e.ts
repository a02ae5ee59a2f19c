import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright';
import { readProcessConfig } from '../../config';
import type { Take } from '../../contract/take.schema';
import { chromiumArguments, findChromium } from '../chromium.finder';
import { createStage, type Stage, type StudioProcess, until } from '../process.harness';
import { expectStatus } from '../studio.harness';
import { plainClip } from '../test-media';
import { attackScript, type Outcome } from './foreign-page.harness';
import { walk } from './local-user.harness';
import { hasProc, listeningSockets } from './process-sockets.harness';

setDefaultTimeout(120_000);

/**
 * Pages of other origins in a real browser, against a studio for its own machine and against one that the
 * same browser is signed in to. Both work on one database and one folder.
 */
const TOKEN = 'a-token-of-the-settings-0123456789abcdef';

let stage: Stage;
let open: StudioProcess;
let signedIn: StudioProcess;
let browser: Browser;
let context: BrowserContext;
const servers: ReturnType<typeof Bun.serve>[] = [];
let foreignPort = 0;
let projectId = '';
let take: Take;

beforeAll(async () => {
  stage = await createStage();
  open = await stage.start('start');
  signedIn = await stage.start('start', { API_TOKENS: TOKEN });
  const { api } = open;
  const project = await api.createProject({ title: 'Secret', format: { width: 320, height: 180, fps: 25 } });
  projectId = project.id;
  await api.addScene(projectId, { prompt: 'One' });
  await api.uploadClip(
    projectId,
    1,
    await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 }),
  );
  take = await until('the clip has its pictures', async () => {
    const answer = await api.call<{ takes: Take[] }>('GET', `/projects/${projectId}/scenes/1/takes`);
    const [first] = expectStatus(answer, 200).takes;
    return first !== undefined && first.posterUrl !== null && first.filmstrip !== null && first;
  });
  // The clip is looked at for faces in the background, which changes rows.
  await until('the clip was looked at', async () => {
    const [looked] = await stage.sql<{ done: boolean }[]>`select faces is not null as done from take_faces`;
    return looked?.done;
  });
  const empty = () =>
    new Response('<!doctype html><title>elsewhere</title><body>', {
      headers: { 'Content-Type': 'text/html' },
    });
  const first = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: empty });
  foreignPort = first.port ?? 0;
  servers.push(first, Bun.serve({ hostname: '127.0.0.2', port: foreignPort, fetch: empty }));
  browser = await chromium.launch({
    executablePath: findChromium(readProcessConfig().CHROMIUM_BIN),
    // A foreign name for this machine, as a name server of the attacker's would give it.
    args: [
      ...chromiumArguments,
      '--host-resolver-rules=MAP *.example 127.0.0.1',
      // Newer browsers ask before a page reaches this machine; others don't.
      '--disable-features=LocalNetworkAccessChecks',
    ],
  });
  context = await browser.newContext();
  const session = await context.request.post(`${signedIn.url}/api/mv/session`, { data: { token: TOKEN } });
  expect(session.status()).toBe(201);
  expect(await context.cookies()).toHaveLength(1);
});
afterAll(async () => {
  await browser?.close();
  for (const server of servers) await server.stop(true);
  await stage?.stop();
});

/** Everything that is kept: all rows but when a token was last used, and the files with what is in them. */
async function everything(): Promise<Record<string, string>> {
  const kept: Record<string, string> = {};
  const tables = await stage.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`;
  for (const { name } of tables) {
    const rows = await stage.sql<{ row: string }[]>`
      select (to_jsonb(t) - 'last_used_at')::text as row from ${stage.sql(name)} t order by 1`;
    kept[`table ${name}`] = rows.map(({ row }) => row).join('\n');
  }
  for (const path of (await walk(join(stage.directory, 'data'))).files) {
    kept[path] = new Bun.CryptoHasher('sha256').update(await Bun.file(path).bytes()).digest('hex');
  }
  return kept;
}

/** Where a studio listens, and its store, should that have a port. */
async function origins(studio: StudioProcess): Promise<string[]> {
  const ports = new Set([Number(new URL(studio.url).port)]);
  if (hasProc) {
    for (const { pid } of [open, signedIn]) {
      for (const port of (await listeningSockets(pid)).ports) ports.add(port);
    }
    const other = studio === open ? signedIn : open;
    ports.delete(Number(new URL(other.url).port));
  }
  return [...ports].map((port) => `http://127.0.0.1:${port}`);
}

/** Another port of the same name, whose requests carry the cookie; another loopback name; a foreign one. */
const foreignHosts = ['127.0.0.1', 'evil.localhost', 'evil.example'];

test.each(
  (['open', 'signedIn'] as const).flatMap((which) => foreignHosts.map((host) => [which, host] as const)),
)('studio %s, page of %s: it reads nothing and changes nothing', async (which, host) => {
  const studio = which === 'open' ? open : signedIn;
  const page = await context.newPage();
  await page.goto(`http://${host}:${foreignPort}/`);
  const before = await everything();
  const outcome = await page.evaluate<Outcome>(
    attackScript({
      origins: await origins(studio),
      projectId,
      takeId: take.id,
      mediaUrl: new URL(take.url, studio.url).href,
    }),
  );
  await page.close();
  expect(outcome.read).toEqual([]);
  expect(outcome.unfinished).toEqual([]);
  expect(outcome.sent).toBeGreaterThan(100);
  expect(await everything()).toEqual(before);
});

test('a foreign name for this machine opens nothing (DNS rebinding)', async () => {
  const page = await context.newPage();
  // What the name stood for before: a page of the attacker's.
  await page.route('**/before', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>x</title>' }),
  );
  for (const studio of [open, signedIn]) {
    const origin = `http://studio.example:${new URL(studio.url).port}`;
    await page.goto(`${origin}/before`);
    // Of the same origin, as the browser sees it.
    const ask = (method: string, path: string) =>
      page.evaluate<number>(`fetch('${path}', { method: '${method}' }).then((answer) => answer.status)`);
    const refused = studio === open ? 403 : 401;
    for (const path of [`/api/mv/projects/${projectId}`, `/api/mv/projects/${projectId}/compose`]) {
      for (const method of ['GET', 'POST', 'DELETE']) expect(await ask(method, path)).toBe(refused);
    }
    expect(await ask('GET', '/metrics')).toBe(refused);
    expect((await page.goto(`${origin}/`))?.status()).toBe(studio === open ? 403 : 200);
  }
  await page.close();
});

test('the studio can’t be put into a frame, and a window of it can’t be held', async () => {
  for (const studio of [open, signedIn]) {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${foreignPort}/`);
    await page.evaluate(`new Promise((resolve) => {
      const frame = document.createElement('iframe');
      frame.onload = resolve;
      frame.src = '${studio.url}/';
      document.body.append(frame);
    })`);
    // The browser puts its own page of errors there.
    await until('the frame is refused', () => page.frames()[1]?.url().startsWith('chrome-error:'));
    const [opened] = await Promise.all([
      page.waitForEvent('popup'),
      page.evaluate(`void (window.held = window.open('${studio.url}/'))`),
    ]);
    await opened.waitForLoadState();
    expect(await opened.evaluate('window.opener')).toBeNull();
    expect(await page.evaluate('window.held.closed')).toBe(true);
    await opened.close();
    await page.close();
  }
});
