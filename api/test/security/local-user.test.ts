import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { chmod, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Project } from '../../contract/project.schema';
import { createStage, type Stage, type StudioProcess } from '../process.harness';
import { expectStatus } from '../studio.harness';
import { plainClip, songFile } from '../test-media';
import { runAsStranger, walk, whyNoStranger } from './local-user.harness';
import { familyOf, listeningSockets } from './process-sockets.harness';

setDefaultTimeout(120_000);

/** A running studio as another user of the machine meets it, when every folder above it is open. */
const TOKEN = 'a-token-of-the-settings-0123456789abcdef';
const reason = whyNoStranger();
if (reason !== null) console.log(`Skipped: another user of the machine (${reason}).`);

let stage: Stage;
let studio: StudioProcess;
/** Where the embedded database is when its own user can't enter DATA_DIR. */
let databaseElsewhere: string | null = null;
/** Command lines of all processes of the studio, looked at again and again while it worked. */
const commandLines = new Set<string>();

const settings = () => ({
  // The embedded database.
  DATABASE_URL: '',
  API_TOKENS: TOKEN,
  TMPDIR: join(stage.directory, 'tmp'),
});

async function noteCommandLines(): Promise<void> {
  for (const pid of await familyOf(studio.pid)) {
    commandLines.add((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' '));
  }
}

beforeAll(async () => {
  if (reason !== null) return;
  stage = await createStage();
  await chmod(stage.directory, 0o755);
  await mkdir(join(stage.directory, 'tmp'));
  studio = await stage.start('start', settings());
  const watch = setInterval(() => void noteCommandLines(), 50);
  const { call, json, form } = studio.api;
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const format = { width: 320, height: 180, fps: 25 };
  const project = expectStatus(
    await call<Project>('POST', '/projects', json({ title: 'Secret', format }, headers)),
    201,
  );
  const path = `/projects/${project.id}`;
  expectStatus(await call('POST', `${path}/scenes`, json({ prompt: 'One' }, headers)), 201);
  const clip = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  for (const [method, place, file] of [
    ['PUT', `${path}/audio`, await songFile()],
    ['POST', `${path}/scenes/1/upload_video`, clip],
  ] as const) {
    expectStatus(await call(method, place, { ...(await form(file, basename(file))), headers }), 200);
  }
  expectStatus(await call('POST', `${path}/scenes/1/trim`, json({ in: 0.4, out: 1.6 }, headers)), 200);
  // An upload that is half there.
  const encode = (text: string) => Buffer.from(text).toString('base64');
  const tus = { ...headers, 'Tus-Resumable': '1.0.0' };
  const begun = await fetch(`${studio.api.base}/uploads`, {
    method: 'POST',
    headers: {
      ...tus,
      'Upload-Length': '1000',
      'Upload-Metadata': `kind ${encode('song')},projectId ${encode(project.id)},filename ${encode('a.wav')}`,
    },
  });
  const sent = await fetch(new URL(begun.headers.get('location') ?? '', studio.url), {
    method: 'PATCH',
    headers: { ...tus, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': '0' },
    body: 'half of it',
  });
  expect(sent.status).toBe(204);
  const backup = Bun.spawn(
    [process.execPath, 'scripts/backup.ts', '--out', join(stage.directory, 'backup')],
    {
      cwd: join(import.meta.dir, '..', '..', '..'),
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'ignore',
      env: { ...process.env, ...settings(), DATA_DIR: join(stage.directory, 'data') },
    },
  );
  expect(await backup.exited).toBe(0);
  clearInterval(watch);
  const location = Bun.file(join(stage.directory, 'data', 'postgres', 'location.json'));
  if (await location.exists()) databaseElsewhere = (await location.json()).home;
});
afterAll(async () => {
  if (reason !== null) return;
  await studio.terminate();
  await stage.stop();
  if (databaseElsewhere !== null) await rm(databaseElsewhere, { recursive: true, force: true });
});

/** Passwords and keys that the studio wrote down for itself. */
async function ownSecrets(files: string[]): Promise<string[]> {
  const texts = await Promise.all(
    files.filter((path) => path.endsWith('.json')).map((path) => readFile(path, 'utf8')),
  );
  return texts.flatMap((text) =>
    [...text.matchAll(/"(?:password|secret\w*)": *"([^"]{8,})"/gi)].map(([, secret]) => secret ?? ''),
  );
}

test.skipIf(reason !== null)('another user of the machine reads, writes and reaches nothing', async () => {
  const places = [
    ...[join(stage.directory, 'data'), join(stage.directory, 'backup'), join(stage.directory, 'tmp')],
    ...(databaseElsewhere === null ? [] : [databaseElsewhere]),
  ];
  const found = await Promise.all(places.map(walk));
  const all = (kind: 'folders' | 'files' | 'sockets') => found.flatMap((one) => one[kind]);
  const pids = await familyOf(studio.pid);
  const listening = await Promise.all(pids.map(listeningSockets));
  const access = all('files').find((path) => basename(path) === 'access.json');
  const { port: databasePort } = access === undefined ? { port: null } : await Bun.file(access).json();
  expect(databasePort).toBeNumber();
  expect(all('files').length).toBeGreaterThan(20);

  const managed = await runAsStranger(stage.directory, {
    // The folder for temporary files is ours, not the studio's.
    folders: all('folders').filter((path) => path !== join(stage.directory, 'tmp')),
    files: all('files'),
    sockets: [...new Set([...all('sockets'), ...listening.flatMap(({ paths }) => paths)])],
    ports: [...new Set([...listening.flatMap(({ ports }) => ports), databasePort])],
    databasePort,
    databaseUsers: ['songreel', 'postgres', 'root', 'nobody'],
    databases: ['songreel', 'postgres', 'template1'],
    pids,
  });
  // So many show what is wrong; thousands would hide it.
  expect(managed.did.slice(0, 40)).toEqual([]);
  expect(managed.seen.some(({ commandLine }) => commandLine.includes('start.ts'))).toBe(true);
});

test.skipIf(reason !== null)('the store has no port, and its socket is its owner’s alone', async () => {
  const { ports, paths } = await listeningSockets(studio.pid);
  expect(ports).toEqual([Number(new URL(studio.url).port)]);
  expect(paths).toHaveLength(1);
  const { sockets } = await walk(stage.directory);
  expect(sockets).toHaveLength(1);
  const [socket = ''] = sockets;
  const owner = process.getuid?.() ?? -1;
  const facts = await Promise.all([stat(socket), stat(dirname(socket))]);
  expect(facts.map(({ mode, uid }) => [(mode & 0o777).toString(8), uid])).toEqual([
    ['600', owner],
    ['700', owner],
  ]);
});

test.skipIf(reason !== null)('no command line holds a token, a password or a key', async () => {
  const { files } = await walk(join(stage.directory, 'data'));
  const elsewhere = databaseElsewhere === null ? [] : (await walk(databaseElsewhere)).files;
  const secrets = [TOKEN, ...(await ownSecrets([...files, ...elsewhere]))];
  // Of the settings, the database and the store.
  expect(secrets.length).toBeGreaterThan(2);
  expect([...commandLines].some((line) => line.includes('ffmpeg'))).toBe(true);
  const telling = [...commandLines].filter((line) => secrets.some((secret) => line.includes(secret)));
  expect(telling).toEqual([]);
});
