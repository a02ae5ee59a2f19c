import { expect, test } from 'bun:test';
import { AppError } from '../../shared/errors';
import { URL_PERIOD_SECONDS } from './media-url.rules';
import { createMediaUrls } from './media-urls.usecases';

const key = 'projects/0198c2f1-6d7e-7c31-9b1a-3f5e2d4c6b7a/final/0198c2f1.mp4';

function start(options: { secret?: number } = {}) {
  const state = { now: new Date('2026-11-30T01:00:00Z'), grant: 't.1', live: new Set(['t.1', 't.2']) };
  const urls = createMediaUrls({
    secret: new Uint8Array(32).fill(options.secret ?? 1),
    clock: { now: () => state.now },
    currentGrant: () => state.grant,
    isLive: async (grant) => state.live.has(grant),
    presigned: null,
  });
  const open = async (url: string) => {
    const { pathname, searchParams } = new URL(url, 'http://studio');
    try {
      return (await urls.open(pathname, searchParams)).key;
    } catch (error) {
      return error instanceof AppError ? error.code : error;
    }
  };
  return { state, urls, open };
}

test('a URL is the same for hours, and another for another caller', async () => {
  const { state, urls, open } = start();
  const url = await urls.urlOf(key);
  const version = urls.version();
  expect(url).toStartWith(`/media/${key}?grant=t.1&expires=`);
  expect(await open(url)).toBe(key);
  state.now = new Date('2026-11-30T05:59:59Z');
  expect(await urls.urlOf(key)).toBe(url);
  expect(urls.version()).toBe(version);
  state.grant = 't.2';
  expect(await urls.urlOf(key)).not.toBe(url);
  expect(urls.version()).not.toBe(version);
  state.grant = 't.1';
  state.now = new Date('2026-11-30T06:00:00Z');
  expect(await urls.urlOf(key)).not.toBe(url);
  expect(urls.version()).not.toBe(version);
  // The old one still holds for as long as a new one did at least.
  expect(await open(url)).toBe(key);
});

test('it ends by itself, and at once with its token or session', async () => {
  const { state, urls, open } = start();
  const url = await urls.urlOf(key);
  state.live.delete('t.1');
  expect(await open(url)).toBe('MediaUrlEnded');
  state.live.add('t.1');
  state.now = new Date(state.now.getTime() + URL_PERIOD_SECONDS * 1000);
  expect(await open(url)).toBe(key);
  state.now = new Date(state.now.getTime() + URL_PERIOD_SECONDS * 1000);
  expect(await open(url)).toBe('MediaUrlEnded');
});

test('nothing in it can be changed', async () => {
  const { urls, open } = start();
  const url = await urls.urlOf(key);
  const other = await start({ secret: 2 }).urls.urlOf(key);
  const forged = [
    url.replace('0198c2f1.mp4', '0198c2f2.mp4'),
    url.replace('t.1', 't.2'),
    url.replace(/expires=(\d+)/, (_, seconds) => `expires=${Number(seconds) + 1}`),
    url.replace(/signature=.{4}/, 'signature=AAAA'),
    url.replace(/&signature=.*/, ''),
    url.replace('final/', 'final/%2e%2e/'),
    url.replace('final/', 'final//'),
    `${url}x`,
    url.replace('/media/', '/media/../media/x/'),
    '/media/',
    '/media/x?grant=local&expires=1&signature=x',
    other,
  ];
  for (const one of forged) expect(await open(one)).toBe('MediaUrlInvalid');
});

test('a provider reads what is shared with it, and nothing else', async () => {
  const { state, urls, open } = start();
  const path = urls.providerPath('shared/job/input.mp4', 600);
  state.live.clear();
  expect(await open(path)).toBe('shared/job/input.mp4');
  expect(await open(urls.providerPath(key, 600))).toBe('MediaUrlEnded');
  state.now = new Date(state.now.getTime() + 600_000);
  expect(await open(path)).toBe('MediaUrlEnded');
});

test('the studio knows its own URLs again, whole or as a path', async () => {
  const { urls } = start();
  const url = await urls.urlOf(key);
  expect(await urls.keyOf(url)).toBe(key);
  expect(await urls.keyOf(`https://studio.example${url}`)).toBe(key);
  for (const foreign of ['https://example.com/clip.mp4', 'https://example.com/media/clip.mp4', 'not a url']) {
    expect(await urls.keyOf(foreign)).toBeNull();
  }
  expect(urls.keyOf(`${url}x`)).rejects.toThrow('not an address that the studio gave out');
});
