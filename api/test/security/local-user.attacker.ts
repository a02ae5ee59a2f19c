import { constants } from 'node:fs';
import { access, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

/**
 * What another user of the machine tries; run as that user, alone in a folder, so it imports nothing of
 * the product. Reads its task as JSON from standard input and writes what it managed as JSON.
 */
type Task = {
  /** Folders and files of the studio, as its owner sees them. */
  folders: string[];
  files: string[];
  /** Paths of Unix sockets. */
  sockets: string[];
  /** Ports of the studio's processes. */
  ports: number[];
  databasePort: number | null;
  databaseUsers: string[];
  databases: string[];
  pids: number[];
};

type Managed = { user: number; did: string[]; seen: { commandLine: string }[] };

const task: Task = JSON.parse(await Bun.stdin.text());
const managed: Managed = { user: process.getuid?.() ?? -1, did: [], seen: [] };

/** Notes what went through; being refused is what should happen. */
async function attempt(what: string, act: () => Promise<unknown>): Promise<void> {
  const done = await act().then(
    (value) => value !== false,
    () => false,
  );
  if (done) managed.did.push(what);
}

for (const folder of task.folders) {
  await attempt(`list ${folder}`, () => readdir(folder));
  await attempt(`make a file in ${folder}`, async () => {
    const made = await mkdtemp(join(folder, 'stranger-'));
    await rm(made, { recursive: true });
  });
}
for (const file of task.files) {
  await attempt(`read ${file}`, () => readFile(file));
  await attempt(`write ${file}`, async () => (await open(file, 'r+')).close());
  await attempt(`run ${file}`, () => access(file, constants.X_OK));
}

/** Whether a connection is taken. */
const connects = (to: { path: string } | { port: number; host: string }) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(to);
    const end = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.setTimeout(3000, () => end(false));
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });

for (const path of task.sockets) await attempt(`connect to ${path}`, () => connects({ path }));

/** Requests that the store of a847cdc answered to anybody, and those of the API. */
const requests = [
  ['GET', '/songreel?list-type=2&X-Amz-Signature=x', ''],
  ['GET', '/songreel?list-type=2', 'AWS4-HMAC-SHA256 nonsense'],
  ['PUT', '/songreel/stranger?X-Amz-Signature=x', ''],
  ['PUT', '/songreel/x?uploadId=../../stranger&partNumber=f&X-Amz-Signature=x', ''],
  ['DELETE', '/songreel/%2e%2e%2fstranger?X-Amz-Signature=x', ''],
  ['GET', '/api/mv/projects', ''],
  ['GET', '/metrics', ''],
  ['POST', '/api/mv/projects', ''],
] as const;
for (const port of task.ports) {
  for (const [method, path, authorization] of requests) {
    await attempt(`${method} ${path} on port ${port}`, async () => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: authorization === '' ? {} : { Authorization: authorization },
        signal: AbortSignal.timeout(5000),
      });
      await answer.arrayBuffer();
      // Whatever is no path of the API may be a place within the page, which holds nothing of anybody.
      const page = answer.headers.get('content-type')?.startsWith('text/html') ?? false;
      return answer.status < 400 && !page;
    });
  }
}

if (task.databasePort !== null) {
  for (const username of task.databaseUsers) {
    for (const password of ['', 'postgres', 'password', 'songreel', username]) {
      for (const database of task.databases) {
        await attempt(`open ${database} as ${username} with the password "${password}"`, async () => {
          const sql = new Bun.SQL({
            adapter: 'postgres',
            hostname: '127.0.0.1',
            port: task.databasePort ?? 0,
            username,
            password,
            database,
            max: 1,
            connectionTimeout: 5,
          });
          await sql`select 1`.finally(() => sql.end());
        });
      }
    }
  }
}

for (const pid of task.pids) {
  const proc = `/proc/${pid}`;
  for (const name of ['environ', 'mem', 'maps']) {
    await attempt(`read ${proc}/${name}`, async () => (await readFile(`${proc}/${name}`)).length > 0);
  }
  await attempt(`list ${proc}/fd`, () => readdir(`${proc}/fd`));
  const commandLine = await readFile(`${proc}/cmdline`, 'utf8').catch(() => '');
  managed.seen.push({ commandLine: commandLine.replaceAll('\0', ' ') });
}

console.log(JSON.stringify(managed));
