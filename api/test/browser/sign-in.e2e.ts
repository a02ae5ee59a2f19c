import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright';
import { readProcessConfig } from '../../config';
import type { Project } from '../../contract/project.schema';
import { chromiumArguments, findChromium } from '../chromium.finder';
import { until } from '../process.harness';
import { createApiClient, expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip, songFile } from '../test-media';

setDefaultTimeout(120_000);

const TOKEN = 'a-token-of-the-settings-0123456789abcdef';

let studio: TestStudio;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let url: string;
let project: Project;
/** What the browser complained of: refused by the policy, not found, broken scripts. */
const complaints: string[] = [];

beforeAll(async () => {
  studio = await startTestStudio({ API_TOKENS: TOKEN });
  url = studio.studio.url ?? '';
  const bearer = { Authorization: `Bearer ${TOKEN}` };
  const { call, json, form } = createApiClient(`${url}/api/mv`);
  const fields = { title: 'Behind a door', format: { width: 320, height: 180, fps: 25 } };
  project = expectStatus(await call<Project>('POST', '/projects', json(fields, bearer)), 201);
  const scenes = `/projects/${project.id}/scenes`;
  expectStatus(await call('POST', scenes, json({ prompt: 'One' }, bearer)), 201);
  const clip = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  const upload = { ...(await form(clip, 'clip.mp4')), headers: bearer };
  expectStatus(await call('POST', `${scenes}/1/upload_video`, upload), 200);
  const song = { ...(await form(await songFile(), 'song.wav')), headers: bearer };
  expectStatus(await call('PUT', `/projects/${project.id}/audio`, song), 200);
  browser = await chromium.launch({
    executablePath: findChromium(readProcessConfig().CHROMIUM_BIN),
    args: chromiumArguments,
  });
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US' });
  page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/401|TokenUnknown/.test(message.text()))
      complaints.push(message.text());
  });
});
afterAll(async () => {
  await browser.close();
  await studio.stop();
});

test('a wrong token is refused, the right one opens the studio and stays out of the page’s reach', async () => {
  await page.goto(url);
  await page.getByRole('heading', { name: 'Sign in with a token' }).waitFor();
  await page.getByLabel('Token').fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('That token isn’t valid.').waitFor();
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Behind a door').first().waitFor();
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ name: 'songreel_session', httpOnly: true, sameSite: 'Strict' });
  expect(await page.evaluate<string>('document.cookie + JSON.stringify(localStorage)')).not.toContain(TOKEN);
});

test('before the sign-in no page shows a refusal as an error, whichever request is answered first', async () => {
  const stranger = await browser.newContext({ locale: 'en-US' });
  const visited = await stranger.newPage();
  visited.setDefaultTimeout(20_000);
  const errors: string[] = [];
  visited.on('console', (message) => {
    // Browsers note every 401 by themselves.
    if (message.type() === 'error' && !message.text().includes('401')) errors.push(message.text());
  });
  for (const path of ['/', '/settings', `/edit/${project.id}`]) {
    let answerJobs = () => {};
    const held = new Promise<void>((resolve) => {
      answerJobs = resolve;
    });
    await visited.route('**/api/mv/jobs', async (route) => {
      await held;
      await route.continue();
    });
    await visited.goto(`${url}${path}`);
    await visited.getByRole('heading', { name: 'Sign in with a token' }).waitFor();
    answerJobs();
    await visited.unrouteAll({ behavior: 'wait' });
    expect([path, await visited.getByRole('alert').count(), errors]).toEqual([path, 0, []]);
  }
  await stranger.close();
});

test('every page works under its policy: media plays, changes and streams go through', async () => {
  await page.goto(`${url}/edit/${project.id}`);
  await page.getByRole('heading', { name: 'Behind a door' }).waitFor();
  // Asked from outside: waitForFunction evaluates text inside the page, which the policy refuses.
  await until('clip and song are there', () =>
    page.evaluate<boolean>(
      `['video[data-scene]', 'audio'].every((media) => document.querySelector(media)?.readyState > 0)`,
    ),
  );
  await page.goto(`${url}/settings`);
  await page.getByText('Signed in with').waitFor();
  await page.goto(`${url}/create`);
  await page.getByRole('heading').first().waitFor();
  await page.goto(`${url}/docs`);
  await page.getByText('Read a project with its scenes').waitFor();
  expect(complaints).toEqual([]);
});

test('the token field is there and says how long to wait after others sent wrong tokens', async () => {
  const stranger = await browser.newContext({ locale: 'en-US' });
  const other = await stranger.newPage();
  const session = `${url}/api/mv/session`;
  // From the same address, as behind one proxy.
  for (let n = 0; n < 75; n++) {
    const headers = n % 2 === 0 ? {} : { Authorization: `Bearer wrong-${n}` };
    await fetch(session, { headers });
  }
  await other.goto(url);
  await other.getByRole('heading', { name: 'Sign in with a token' }).waitFor();
  await other.getByLabel('Token').fill(TOKEN);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await other.getByText(/Too many failed attempts from your address\. Try again in \d+ seconds/).waitFor();
  expect(await other.getByLabel('Token').isVisible()).toBe(true);
  await stranger.close();
  // Who is signed in does not notice.
  await page.goto(url);
  await page.getByText('Behind a door').first().waitFor();
});

test('missing tokens keep nobody out: the field works', async () => {
  const fresh = await startTestStudio({ API_TOKENS: TOKEN });
  const stranger = await browser.newContext({ locale: 'en-US' });
  try {
    const address = fresh.studio.url ?? '';
    for (let n = 0; n < 75; n++) await fetch(`${address}/api/mv/session`);
    const other = await stranger.newPage();
    await other.goto(address);
    await other.getByLabel('Token').fill(TOKEN);
    await other.getByRole('button', { name: 'Sign in' }).click();
    await other
      .getByRole('link', { name: /new project/i })
      .first()
      .waitFor();
  } finally {
    await stranger.close();
    await fresh.stop();
  }
});

test('what stands in a page without its hash does not run', async () => {
  await page.goto(`${url}/settings`);
  await page.evaluate(`(() => {
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<img src="x:" onerror="window.injected = true">');
  })()`);
  await page.waitForTimeout(200);
  expect(await page.evaluate('window.injected ?? null')).toBeNull();
});

test('signing out ends it', async () => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in with a token' }).waitFor();
  expect(await context.cookies()).toEqual([]);
});
