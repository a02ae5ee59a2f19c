import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { type EmbeddedS3, startEmbeddedS3 } from '../../storage/embedded-s3.server';
import { createS3Clients } from '../../storage/s3.client';
import { ask, bytesOf, ownRequests, sendBytes, type WireRequest } from './store.requests';

// A busy machine takes its time.
setDefaultTimeout(60_000);

const nothing = () => undefined;
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => log };
const key = 'videos/secret.mp4';

let root: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'songreel-security-')));
  // Other users get this far: what keeps them out is the store's own doing.
  await chmod(root, 0o755);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const clientOf = ({ endpoint, socketPath, region, accessKeyId, secretAccessKey }: EmbeddedS3) =>
  createS3Clients({
    endpoint,
    socketPath,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  }).s3;

async function openStore(transport: 'socket' | 'loopback', now?: () => Date) {
  const directory = await mkdtemp(join(root, 'store-'));
  const store = await startEmbeddedS3({ directory, log, transport, ...(now ? { now } : {}) });
  await clientOf(store).send(new PutObjectCommand({ Bucket: 'songreel', Key: key, Body: 'secret' }));
  return { directory, store };
}

for (const transport of ['socket', 'loopback'] as const) {
  describe(`the embedded store over ${transport}`, () => {
    let directory: string;
    let store: EmbeddedS3;
    beforeAll(async () => {
      ({ directory, store } = await openStore(transport));
    });
    afterAll(() => store.stop());
    const secret = async () => {
      const answer = await clientOf(store).send(new GetObjectCommand({ Bucket: 'songreel', Key: key }));
      return answer.Body?.transformToString();
    };

    test('a made-up X-Amz-Signature lists, reads and writes nothing', async () => {
      const list = await ask(store, 'GET', '/songreel?list-type=2&X-Amz-Signature=x');
      expect([list.status, list.body.includes(key)]).toEqual([403, false]);
      const read = await ask(store, 'GET', `/songreel/${key}?X-Amz-Signature=x`);
      expect([read.status, read.body.includes('secret')]).toEqual([403, false]);
      const write = await ask(store, 'PUT', `/songreel/${key}?X-Amz-Signature=x`, { body: 'forged' });
      expect(write.status).toBe(403);
      expect(await secret()).toBe('secret');
    });

    for (const [what, uploadId] of [
      ['plain', '../../../escaped'],
      ['encoded', '..%2F..%2F..%2Fescaped'],
      ['encoded dots', '%2e%2e%2f%2e%2e%2f%2e%2e%2fescaped'],
    ]) {
      test(`an uploadId that leads out of the store writes no file and deletes no folder (${what})`, async () => {
        const query = `uploadId=${uploadId}&partNumber=f&X-Amz-Signature=x`;
        const put = await ask(store, 'PUT', `/songreel/x?${query}`, { body: 'mine now' });
        expect(put.status).toBe(403);
        expect(await readdir(directory)).not.toContain('escaped');
        const twice = 'uploadId=0&uploadId=1&partNumber=..%2F..%2Ff&X-Amz-Signature=x';
        expect((await ask(store, 'PUT', `/songreel/x?${twice}`, { body: 'x' })).status).toBe(403);
      });
    }

    for (const bucket of [
      '%2e%2e%2fvictim',
      '..%2Fvictim',
      '%2e%2e/victim',
      '../victim',
      'songreel/../../victim',
    ]) {
      test(`a bucket's name that leads out of the store deletes nothing: ${bucket}`, async () => {
        await mkdir(join(directory, 'victim'), { recursive: true });
        await writeFile(join(directory, 'victim', 'file'), 'precious');
        const answer = await ask(store, 'DELETE', `/${bucket}?X-Amz-Signature=x`);
        expect(await readFile(join(directory, 'victim', 'file'), 'utf8')).toBe('precious');
        expect(answer.status).toBeOneOf([400, 403]);
      });
    }

    test('pages of other origins are let in by no answer, neither by a preflight nor by a form', async () => {
      const origin = 'https://page.example';
      const preflight = { origin, 'access-control-request-method': 'PUT' };
      const answers = [
        await ask(store, 'OPTIONS', `/songreel/${key}`, { headers: preflight }),
        await ask(store, 'GET', `/songreel/${key}?X-Amz-Signature=x`, { headers: { origin } }),
        await ask(store, 'HEAD', '/songreel?X-Amz-Signature=x', { headers: { origin } }),
      ];
      for (const { status, head } of answers) {
        expect([status, head.includes('access-control')]).toEqual([403, false]);
      }
      const body = [
        '--b\r\ncontent-disposition: form-data; name="key"\r\n\r\nvideos/form.mp4\r\n',
        '--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\nforged\r\n--b--\r\n',
      ].join('');
      const form = { origin, 'content-type': 'multipart/form-data; boundary=b' };
      const posted = await ask(store, 'POST', '/songreel?X-Amz-Signature=x', { headers: form, body });
      expect(posted.status).toBe(403);
      expect(await store.objectFile('videos/form.mp4')).toBeNull();
    });

    test('nothing is listed for an Authorization of nonsense', async () => {
      for (const authorization of ['AWS4-HMAC-SHA256 nonsense', 'AWS4-HMAC-SHA256 Credential=a', 'AWS a:b']) {
        for (const target of ['/songreel?list-type=2', '/songreel/?list-type=2', '/songreel', '/']) {
          const answer = await ask(store, 'GET', target, { headers: { authorization } });
          expect([answer.status, answer.body.includes(key)]).toEqual([403, false]);
        }
      }
    });

    test('a valid presigned URL, the key pair that the package is known for, a wrong secret: refused', async () => {
      const { s3 } = createS3Clients({
        endpoint: store.endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: store,
      });
      const url = new URL(await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'songreel', Key: key })));
      const headers = { host: url.host };
      expect((await ask(store, 'GET', url.pathname + url.search, { headers })).status).toBe(403);
      for (const [credentials, code] of [
        [{ accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' }, 'InvalidAccessKeyId'],
        [{ accessKeyId: store.accessKeyId, secretAccessKey: 'wrong' }, 'SignatureDoesNotMatch'],
      ] as const) {
        const requests = await ownRequests(credentials, store.endpoint);
        for (const request of requests.values()) {
          const answer = await sendBytes(store, bytesOf(request));
          expect(answer.status).toBe(403);
          if (request.method !== 'HEAD') expect(answer.body).toContain(code);
        }
      }
    });

    test('each of our own requests is served; with any part of what is signed changed, it is not', async () => {
      for (const [name, request] of await ownRequests(store, store.endpoint)) {
        // Served, though perhaps with "no such upload": the package was asked.
        expect([name, (await sendBytes(store, bytesOf(request))).status === 403]).toEqual([name, false]);
        for (const [what, changed] of changes(request)) {
          const { status } = await sendBytes(store, bytesOf(changed));
          expect([name, what, status]).toEqual([name, what, 403]);
        }
      }
    });

    test('a body of other bytes than were signed becomes no object, and spoils none', async () => {
      const requests = await ownRequests(store, store.endpoint);
      const put = requests.get('PutObject');
      if (put === undefined) throw new Error('There is no PutObject.');
      const forged = { ...put, body: Buffer.from('HELLO') };
      const answer = await sendBytes(store, bytesOf(forged));
      expect([answer.status, answer.body.includes('BadDigest')]).toEqual([400, true]);
      const own = 'projects/0193-a/scenes/0193-b/0193-c.mp4';
      const file = await store.objectFile(own);
      expect(file === null ? 'hello' : await Bun.file(file.path).text()).toBe('hello');
      const complete = requests.get('CompleteMultipartUpload');
      if (complete === undefined) throw new Error('There is no CompleteMultipartUpload.');
      const other = Buffer.from(complete.body.toString().replace('0123', '4567'));
      expect((await sendBytes(store, bytesOf({ ...complete, body: other }))).status).toBe(400);
      expect(await readdir(join(directory, 'drafts'))).toEqual([]);
    });
  });
}

/** A request with one thing changed that its signature, or the form of our requests, forbids. */
function changes(request: WireRequest): [string, WireRequest][] {
  const withField = (name: string, value: string) => ({
    ...request,
    headers: request.headers.map(([field, old]): [string, string] => [field, field === name ? value : old]),
  });
  const and = request.target.includes('?') ? '&' : '?';
  const unsigned = 'UNSIGNED-PAYLOAD';
  const authorization = request.headers.find(([name]) => name === 'authorization')?.[1] ?? '';
  const shorter = authorization.replace(/host;/, '');
  return [
    ['another key', { ...request, target: request.target.replace('songreel/', 'songreel/videos/') }],
    ['another method', { ...request, method: request.method === 'DELETE' ? 'GET' : 'DELETE' }],
    ['another parameter', { ...request, target: `${request.target}${and}acl=` }],
    ['a body that is not signed', withField('x-amz-content-sha256', unsigned)],
    ['another date', withField('x-amz-date', '20260101T000000Z')],
    ['another host', withField('host', 'localhost')],
    ['a host that is not signed', withField('authorization', shorter)],
    ['no signature', withField('authorization', authorization.replace(/Signature=.*/, 'Signature='))],
    ['another field', { ...request, headers: [...request.headers, ['x-amz-copy-source', '/songreel/x']] }],
    ['a field twice', { ...request, headers: [...request.headers, ['host', 'localhost']] }],
    ['a form of chunks', { ...request, headers: [...request.headers, ['te', 'trailers']] }],
  ];
}

test('a request that is older or newer than a quarter of an hour is refused', async () => {
  for (const minutes of [-16, 16, -14, 14]) {
    let apart = 0;
    const { store } = await openStore('socket', () => new Date(Date.now() + apart * 60_000));
    const request = (await ownRequests(store, store.endpoint)).get('GetObject');
    if (request === undefined) throw new Error('There is no GetObject.');
    apart = minutes;
    const answer = await sendBytes(store, bytesOf(request));
    const isOld = Math.abs(minutes) > 15;
    expect([minutes, answer.body.includes('RequestTimeTooSkewed')]).toEqual([minutes, isOld]);
    await store.stop();
  }
});

test('over loopback a name that was made to point here is not answered, signed or not', async () => {
  const { store } = await openStore('loopback');
  const port = new URL(store.endpoint).port;
  const proofOf = (host: string) =>
    ask(store, 'GET', `/.songreel-embedded-s3?nonce=${'a'.repeat(32)}`, { headers: { host } });
  expect((await proofOf(`127.0.0.1:${port}`)).status).toBe(200);
  expect((await proofOf(`page.example:${port}`)).status).toBe(403);
  const list = async (endpoint: string) => {
    const request = (await ownRequests(store, endpoint)).get('ListObjectsV2');
    if (request === undefined) throw new Error('There is no ListObjectsV2.');
    return (await sendBytes(store, bytesOf(request))).status;
  };
  expect(await list(`http://localhost:${port}`)).toBe(200);
  expect(await list(`http://page.example:${port}`)).toBe(403);
  await store.stop();
});

const isRoot = process.getuid?.() === 0 && Bun.which('setpriv') !== null;
if (!isRoot) console.log('Skipped: another local user at the store (needs root and setpriv).');
test.if(isRoot)(
  'another local user cannot connect to the socket, nor see or read the folder of the store',
  async () => {
    const { store, directory } = await openStore('socket');
    const file = (await store.objectFile(key))?.path ?? '';
    // Our own program may lie where others can't run it.
    const program = join(root, 'bun');
    await copyFile(process.execPath, program);
    await chmod(program, 0o755);
    const script = `
    const { connect } = require('node:net');
    const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
    const [socket, file, directory] = process.argv.slice(-3);
    const can = (work) => { try { work(); return 'yes'; } catch (e) { return e.code; } };
    const told = {
      list: can(() => readdirSync(directory)),
      read: can(() => readFileSync(file)),
      identity: can(() => readFileSync(directory + '/identity.json')),
      write: can(() => writeFileSync(directory + '/theirs', '')),
    };
    const end = (connected) => { console.log(JSON.stringify({ ...told, connected })); process.exit(0); };
    connect(socket).on('connect', () => end('yes')).on('error', (e) => end(e.code));`;
    const asUser = async (...how: string[]) => {
      const command = [...how, program, '-e', script, '--', store.socketPath ?? '', file, directory];
      const child = Bun.spawn(command, { cwd: '/', stdout: 'pipe', stderr: 'inherit' });
      return JSON.parse(await new Response(child.stdout).text());
    };
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const no = 'EACCES';
    expect(await asUser(...nobody)).toEqual({ list: no, read: no, identity: no, write: no, connected: no });
    // The same as ourselves: the test would see it.
    expect(await asUser()).toMatchObject({ list: 'yes', read: 'yes', identity: 'yes', connected: 'yes' });
    await store.stop();
  },
);
