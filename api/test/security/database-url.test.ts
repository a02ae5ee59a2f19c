import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { connect } from '../../../db/connect';
import { createListener } from '../../../db/listen';
import { CLUSTER_PASSWORD, startTestCluster, type TestCluster } from '../../../db/test-cluster';
import { readConfig } from '../../config';
import { testTools } from '../../media/testing/tools';
import { createLog } from '../../shared/log';

const root = resolve(import.meta.dir, '..', '..', '..');
const password = CLUSTER_PASSWORD;

/** Addresses that people have typed, each with what is said of it. */
const malformed: [url: string, said: RegExp][] = [
  [`postgres://songreel:${password}%zz@db.example:5432/songreel`, /begins no UTF-8 escape/],
  [`postgres://songreel:${password}%@db.example:5432/songreel`, /begins no UTF-8 escape/],
  [`postgres://songreel:${password}%ff@db.example:5432/songreel`, /begins no UTF-8 escape/],
  [`postgres://songreel:a ${password}@db.example:5432/songreel`, /has a space/],
  [`postgres://songreel:${password}@db.example :5432/songreel`, /has a space/],
  [`postgres://songreel:${password}@/songreel`, /names no host/],
  [`postgres://songreel:${password}@:5432/songreel`, /can't be read/],
  [`postgres://songreel:${password}@db.example:99999/songreel`, /can't be read/],
  [`postgres://songreel:${password}@db.example:0/songreel`, /must be from 1 to 65535/],
  [`postgres://songreel:${password}@db.example:port/songreel`, /can't be read/],
  [`postgres://songreel:${password}@[::1/songreel`, /can't be read/],
  [`postgres://songreel:${password}@one.example,two.example/songreel`, /names several hosts/],
  [`postgres://songreel:${password}@one.example:5432,two.example:5433/songreel`, /names several hosts/],
  [`postgres://songreel:a/${password}@db.example/songreel`, /can't be read/],
  [`postgres://songreel:1/${password}@db.example/songreel`, /has an @ behind its host/],
  [`postgres://songreel:1#${password}@db.example/songreel`, /has an @ behind its host/],
  [`postgres://songreel:1?${password}@db.example/songreel`, /has an @ behind its host/],
  [`postgres://songreel:${password}@db<example>/songreel`, /can't be read/],
  [`postgress://songreel:${password}@db.example/songreel`, /must start with postgres:\/\//],
  [`mysql://songreel:${password}@db.example/songreel`, /must start with postgres:\/\//],
  [`songreel:${password}@db.example/songreel`, /must start with postgres:\/\//],
  [`"postgres://songreel:${password}@db.example/songreel"`, /must start with postgres:\/\//],
];
/** One of each way in which the drivers and the runtime tell of an address. */
const some = [0, 3, 5, 13].map((index) => malformed[index]?.[0] ?? '');

const scripts: [script: string, ...args: string[]][] = [
  ['start.ts'],
  ['worker.ts'],
  ['doctor.ts'],
  ['sweep.ts'],
  ['demo.ts'],
  ['tokens.ts', 'list'],
  ['backup.ts'],
  ['restore.ts', '--from', 'backups/none'],
];

let directory: string;
let cluster: TestCluster;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'songreel-url-'));
  cluster = await startTestCluster();
});
afterAll(async () => {
  await cluster.remove();
  await rm(directory, { recursive: true, force: true });
});

async function run([script, ...args]: [string, ...string[]], databaseUrl: string) {
  const { ffmpegPath, ffprobePath } = await testTools();
  const child = Bun.spawn([process.execPath, join('scripts', script), ...args], {
    cwd: root,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      DATA_DIR: directory,
      PORT: '0',
      FFMPEG_BIN: ffmpegPath,
      FFPROBE_BIN: ffprobePath,
      LOG_LEVEL: 'debug',
    },
    timeout: 60_000,
  });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  const lines = err.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  return { code, text: out + err, lines };
}

test('what is wrong with an address is said without its password', () => {
  for (const [url, said] of malformed) {
    let thrown: unknown;
    try {
      readConfig({ DATABASE_URL: url });
    } catch (error) {
      thrown = error;
    }
    const text = Bun.inspect(thrown);
    expect({ url, leaks: text.includes(password) }).toEqual({ url, leaks: false });
    expect(text).toContain("InvalidSettings: These settings can't be used: DATABASE_URL ");
    expect(text).toMatch(said);
    // Whoever is given it past the settings says no more.
    for (const open of [() => connect(url), () => createListener(url, { log: createLog('silent') })]) {
      expect(open).toThrow(said);
    }
  }
});

for (const script of scripts) {
  test(`${script[0]} never writes the password of its database`, async () => {
    const runs = await Promise.all(
      // The last three are well formed: nobody answers, the password is wrong, the database is not there.
      [
        ...some,
        `postgres://songreel:${password}@127.0.0.1:1/songreel`,
        `postgres://songreel:x${password}@127.0.0.1:${cluster.port}/postgres`,
        cluster.url('nowhere'),
      ].map(async (url) => ({ url, ...(await run(script, url)) })),
    );
    for (const { url, code, text, lines } of runs) {
      expect({ url, leaks: text.includes(password), code }).toEqual({ url, leaks: false, code: 1 });
      expect(lines).toHaveLength(1);
    }
  }, 120_000);
}

test('every form in which an address may be given leads to the database', async () => {
  const socket = encodeURIComponent(cluster.socketDirectory);
  const { port } = cluster;
  for (const url of [
    cluster.url(),
    cluster.url().replace('postgres://', 'postgresql://'),
    `postgres://songreel:${password}@localhost:${port}/postgres?sslmode=disable`,
    `postgres://songreel:${password}@/postgres?host=127.0.0.1&port=${port}`,
    `postgres://songreel:${password}@${socket}:${port}/postgres`,
    `postgres://songreel@/postgres?host=${cluster.socketDirectory}&port=${port}`,
    `postgres:///postgres?host=${socket}&port=${port}&user=songreel`,
  ]) {
    const { code, text } = await run(['tokens.ts', 'list'], url);
    expect({ url, code, text: code === 0 ? '' : text }).toEqual({ url, code: 0, text: '' });
  }
}, 120_000);
