import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import * as mediaKeys from '../library/media-keys.rules';
import { newId } from '../shared/ids';
import { objectPrefixes } from '../shared/object-prefixes';
import { checkKey, isObjectKey } from './keys';
import { createS3Clients } from './s3.client';
import { type Harness, startHarness } from './test/harness';

setDefaultTimeout(30_000);

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

/** A key of each kind that the studio makes; a kind that is added must be added here. */
const keyMakers: Record<keyof typeof mediaKeys, () => string> = {
  sourceKey: () => mediaKeys.sourceKey(newId(), newId(), 'mov'),
  takeKey: () => mediaKeys.takeKey(newId(), newId(), newId()),
  posterKey: () => mediaKeys.posterKey(newId(), newId()),
  filmstripKey: () => mediaKeys.filmstripKey(newId(), newId()),
  songKey: () => mediaKeys.songKey(newId(), newId(), 'wav'),
  compositionKey: () => mediaKeys.compositionKey(newId(), newId()),
  sharedKey: () => mediaKeys.sharedKey(newId(), newId(), '.mp4'),
  imageKey: () => mediaKeys.imageKey(newId(), 'png'),
  videoSourceKey: () => mediaKeys.videoSourceKey(newId()),
  videoKey: () => mediaKeys.videoKey(newId()),
  videoSoundKey: () => mediaKeys.videoSoundKey(newId()),
};
const everyKey = () => [checkKey(newId), ...Object.values(keyMakers).map((make) => make())];

/** A store that can list multipart uploads, as the embedded one can't. Each was begun in 2020. */
function startMultipartStore(keys: string[]) {
  const aborted: string[] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      if (request.method === 'DELETE' && searchParams.has('uploadId')) {
        aborted.push(pathname.replace('/media/', ''));
        return new Response(null, { status: 204 });
      }
      if (request.method !== 'GET' || !searchParams.has('uploads'))
        return new Response(null, { status: 404 });
      const uploads = keys.map(
        (key, index) =>
          `<Upload><Key>${key}</Key><UploadId>${index}</UploadId><Initiated>2020-01-01T00:00:00.000Z</Initiated></Upload>`,
      );
      const xml = `<ListMultipartUploadsResult><Bucket>media</Bucket>${uploads.join('')}</ListMultipartUploadsResult>`;
      return new Response(`<?xml version="1.0"?>${xml}`, { headers: { 'content-type': 'application/xml' } });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, aborted, stop: () => server.stop(true) };
}

test('old multipart uploads under every key that the studio makes are aborted, those of others are not', async () => {
  const ours = everyKey();
  const store = startMultipartStore(['backups/of-somebody-else.tar', ...ours]);
  try {
    const credentials = { accessKeyId: 'some', secretAccessKey: 'secret' };
    const clients = createS3Clients({
      endpoint: store.url,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials,
    });
    const { storage } = await harness.storage({ ...clients, bucket: 'media' });
    expect(await storage.sweep()).toMatchObject({ problems: [] });
    expect(store.aborted.sort()).toEqual(ours.sort());
  } finally {
    await store.stop();
  }
});

test('every key that the studio makes has the form that the embedded store takes', () => {
  expect(everyKey().filter((key) => !isObjectKey(key))).toEqual([]);
});

test('each prefix is one that keys are made with', () => {
  const used = new Set(everyKey().map((key) => key.slice(0, key.indexOf('/') + 1)));
  expect([...used].sort()).toEqual(Object.values(objectPrefixes).sort());
});

test('keys are made only where this test knows of it', async () => {
  const root = join(import.meta.dir, '..');
  const knowing: string[] = [];
  const writtenByHand: string[] = [];
  const literal = new RegExp(`['"\`](?:${Object.values(objectPrefixes).join('|')})`);
  for await (const path of new Bun.Glob('**/*.ts').scan({ cwd: root })) {
    if (/\.test\.ts$|(^|\/)test\//.test(path) || path === 'shared/object-prefixes.ts') continue;
    const source = await Bun.file(join(root, path)).text();
    if (source.includes("/object-prefixes'")) knowing.push(path);
    if (literal.test(source)) writtenByHand.push(path);
  }
  expect(writtenByHand).toEqual([]);
  expect(knowing.sort()).toEqual([
    // Looks at keys, and makes none.
    'features/delivery/media-url.rules.ts',
    // The one key of the readiness check.
    'features/system/system.usecases.ts',
    // The functions above.
    'library/media-keys.rules.ts',
    'storage/keys.ts',
  ]);
});
