import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Route } from 'playwright';
import { giveFile, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(180_000);

/** The pages around the edit page: projects, create with its interrupted upload, settings. */
let at: StudioPage;
let directory = '';
beforeAll(async () => {
  at = await startStudioPage();
  directory = await mkdtemp(join(tmpdir(), 'songreel-pages-'));
});
afterAll(async () => {
  await at.stop();
  await rm(directory, { recursive: true });
});

/** A WAV of noise that is a little more than one piece of an upload: 16 MiB. */
async function longSong(): Promise<string> {
  const path = join(directory, 'long song.wav');
  const samples = 9_000_000;
  const header = new DataView(new ArrayBuffer(44));
  const text = (at: number, word: string) => {
    for (const [index, letter] of [...word].entries()) header.setUint8(at + index, letter.charCodeAt(0));
  };
  text(0, 'RIFF');
  header.setUint32(4, 36 + samples * 2, true);
  text(8, 'WAVEfmt ');
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 1, true);
  header.setUint32(24, 48_000, true);
  header.setUint32(28, 96_000, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  text(36, 'data');
  header.setUint32(40, samples * 2, true);
  const sound = new Int16Array(samples);
  for (let at = 0; at < samples; at++) sound[at] = ((at * 7919) % 4001) - 2000;
  await Bun.write(path, new Blob([header.buffer, sound.buffer]));
  return path;
}

test('no projects: one clear action', async () => {
  await at.open('/');
  await at.page.getByRole('heading', { name: 'Your first video starts with a song' }).waitFor();
});

test('with reduced motion another theme is there at once, for inherited colours too', async () => {
  const { page } = at;
  await at.open('/');
  await page.getByRole('heading', { name: 'Your first video starts with a song' }).waitFor();
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  const running = await page.evaluate<number>(`(async () => {
    const nextFrame = () => new Promise(requestAnimationFrame);
    await nextFrame();
    await nextFrame();
    document.documentElement.dataset.theme = 'dark';
    const running = document.getAnimations().length;
    document.documentElement.dataset.theme = 'light';
    return running;
  })()`);
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  expect(running).toBe(0);
});

test('projects: search, rename, and a delete that asks first', async () => {
  const { page, studio } = at;
  for (const title of ['Harbour lights', 'Morning train']) await studio.api.createProject({ title });
  await page.reload();
  await page.getByRole('link', { name: 'Harbour lights' }).waitFor();
  await page.getByRole('searchbox').fill('train');
  await page.getByRole('link', { name: 'Harbour lights' }).waitFor({ state: 'detached' });
  await page.getByRole('searchbox').fill('');
  await page.getByRole('button', { name: 'Actions for Harbour lights' }).click();
  await page.getByRole('menuitem', { name: 'Rename' }).click();
  await page.getByRole('textbox', { name: 'Title' }).fill('Harbour at night');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: 'Harbour at night' }).waitFor();
  await page.getByRole('button', { name: 'Actions for Harbour at night' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const confirm = page.getByRole('alertdialog');
  await confirm.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Actions for Harbour at night' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await confirm.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('link', { name: 'Harbour at night' }).waitFor({ state: 'detached' });
});

test('a reload in the middle of an upload goes on where it stopped', async () => {
  const { page } = at;
  await at.open('/create');
  await page.getByRole('heading', { name: 'New project' }).waitFor();
  const offsets: string[] = [];
  const { promise: held, resolve: hold } = Promise.withResolvers<void>();
  let stalling = true;
  /** The first piece passes, the second is held and never arrives. */
  const stall = async (route: Route) => {
    const request = route.request();
    const isSecond = request.method() === 'PATCH' && request.headers()['upload-offset'] !== '0';
    if (stalling && isSecond) hold();
    else await route.continue();
  };
  await page.route('**/api/mv/uploads/*', stall);
  await giveFile(page, await longSong(), () => page.getByRole('button', { name: 'choose a file' }).click());
  await held;
  stalling = false;
  page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(request.headers()['upload-offset'] ?? '');
  });
  await page.reload();
  await page.getByText('Song ready').waitFor({ timeout: 90_000 });
  expect(offsets).toEqual([String(16 * 1024 * 1024)]);
  await page.getByText('3:08', { exact: false }).first().waitFor();
});

test('a file that is no song is told of, and another can be taken', async () => {
  const { page } = at;
  await page.getByRole('button', { name: 'Choose another song' }).click();
  const path = join(directory, 'not a song.mp3');
  await Bun.write(path, 'These are words.');
  await giveFile(page, path, () => page.getByRole('button', { name: 'choose a file' }).click());
  await page.getByRole('alert').waitFor({ timeout: 60_000 });
  expect(await page.getByRole('alert').textContent()).toContain('Couldn’t add the song.');
  await page.getByRole('button', { name: 'Choose another song' }).click();
  await page.getByRole('button', { name: 'choose a file' }).waitFor();
});

test('settings: providers, health, storage, the API page; the language changes at once', async () => {
  const { page } = at;
  await at.open('/settings');
  await page.getByText('Ready').first().waitFor();
  await page.getByRole('link', { name: 'API reference' }).waitFor();
  await page.getByRole('radio', { name: 'Deutsch' }).click();
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor();
  expect(await page.getAttribute('html', 'lang')).toBe('de');
  await page.getByRole('radio', { name: 'English' }).click();
  expect(at.problems).toEqual([]);
});
