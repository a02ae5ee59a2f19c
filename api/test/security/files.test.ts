import { afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { recordedPid } from '../../../db/embedded-postgres.process';
import { closeDataDirectory } from '../../composition/data-directory';
import { buildPage } from '../../page/build-page';
import type { Log } from '../../shared/log';
import { type StudioProcess, startProcess } from '../process.harness';
import { expectStatus } from '../studio.harness';
import { plainClip } from '../test-media';
import { asNobody, isRoot, skippedForUsers } from './other-user';

setDefaultTimeout(120_000);

const root = join(import.meta.dir, '..', '..', '..');
let directory: string;
let data: string;
// Takes longer on a busy machine than a start is waited for.
beforeAll(async () => void (await buildPage()));
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'songreel-files-')));
  // As a folder of /srv or /home is: others may pass through it.
  await chmod(directory, 0o755);
  data = join(directory, 'data');
});
afterEach(async () => {
  for (const process_ of running.splice(0)) if (process_.isRunning()) await process_.terminate();
  const pid = await recordedPid(join(data, 'postgres', 'cluster'));
  if (pid !== null) process.kill(pid, 'SIGINT');
  await rm(directory, { recursive: true, force: true });
});

const running: StudioProcess[] = [];
const settings = () => ({ DATA_DIR: data, PORT: '0', LOG_LEVEL: 'info' });

/** A studio as a user starts it, with the usual umask and its own database and store. */
async function start(): Promise<StudioProcess> {
  const before = process.umask(0o022);
  try {
    const studio = await startProcess('scripts/start.ts', settings());
    running.push(studio);
    return studio;
  } finally {
    process.umask(before);
  }
}

/** Runs a script to its end in `directory`, with the umask 022. */
async function run(script: string, args: string[] = []): Promise<string> {
  const child = Bun.spawn(
    ['sh', '-c', 'umask 022; exec "$@"', 'sh', process.execPath, join(root, 'scripts', script), ...args],
    { cwd: directory, env: { ...process.env, ...settings() }, stdout: 'pipe', stderr: 'pipe' },
  );
  const [out, words] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${script} failed: ${words}`);
  return out;
}

/** A project with a clip, and an upload that stopped half way. */
async function fill(studio: StudioProcess): Promise<void> {
  const { api } = studio;
  const project = await api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  await api.addScene(project.id);
  const clip = await plainClip('files.mp4', { size: '320x180', rate: '25', seconds: 1 });
  await api.uploadClip(project.id, 1, clip);
  const encode = (text: string) => Buffer.from(text).toString('base64');
  const begun = await fetch(`${api.base}/uploads`, {
    method: 'POST',
    headers: {
      'Tus-Resumable': '1.0.0',
      'Upload-Length': '1000',
      'Upload-Metadata': `kind ${encode('song')},projectId ${encode(project.id)}`,
      'Content-Type': 'application/offset+octet-stream',
    },
    body: 'half of a secret song',
  });
  expect(begun.status).toBe(201);
}

async function modeOf(...path: string[]): Promise<number> {
  return (await stat(join(directory, ...path))).mode & 0o7777;
}

/** Everything below a folder whose rights let the group or others in. */
async function openPaths(folder: string): Promise<string[]> {
  const open: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isSymbolicLink() && ((await stat(path)).mode & 0o077) !== 0) open.push(path);
  }
  return open;
}

test('the studio and its tools write nothing that other users can read', async () => {
  const studio = await start();
  await fill(studio);
  await run('backup.ts');
  // PostgreSQL's own user passes through to its folder, when the studio runs as root.
  const passing = isRoot ? 0o710 : 0o700;
  expect(await modeOf('data')).toBe(passing);
  expect(await modeOf('data', 'postgres')).toBe(passing);
  expect((await openPaths(data)).filter((path) => path !== join(data, 'postgres'))).toEqual([]);
  expect(await modeOf('backups')).toBe(0o700);
  expect(await openPaths(join(directory, 'backups'))).toEqual([]);
  const [backup = ''] = await readdir(join(directory, 'backups'));
  expect((await readdir(join(directory, 'backups', backup))).sort()).toEqual([
    'backup.json',
    'database',
    'objects',
  ]);
});

if (isRoot) {
  test('as nobody: no file of the studio or its backup can be read, listed or written, and no database entered', async () => {
    const studio = await start();
    await fill(studio);
    await run('backup.ts');
    const paths = [data, join(directory, 'backups')].flatMap((top) => [
      top,
      ...Bun.spawnSync(['find', top, '-mindepth', '1']).stdout.toString().split('\n').filter(Boolean),
    ]);
    for (const place of ['s3', 'uploads-in-progress', 'outputs', 'postgres', 'backups']) {
      expect(paths.some((path) => path.includes(`/${place}/`))).toBe(true);
    }
    // The list is the one that root sees: guessing no name, nobody would not even get that far.
    const list = join(directory, 'list');
    await writeFile(list, `${paths.join('\n')}\n`);
    await chmod(list, 0o644);
    const got = await asNobody(
      [
        'while read -r path; do',
        '  [ -r "$path" ] && echo "read $path"',
        '  [ -w "$path" ] && echo "write $path"',
        '  [ -d "$path" ] && ls "$path" >/dev/null 2>&1 && echo "list $path"',
        `done < '${list}'; true`,
      ].join('\n'),
    );
    expect(got).toBe('');
    // The same look sees what is open.
    expect(await asNobody(`[ -r '${list}' ] && echo read`)).toBe('read\n');

    const { port } = await Bun.file(join(data, 'postgres', 'access.json')).json();
    const guess = postgres(`postgres://songreel@127.0.0.1:${port}/songreel`, { max: 1, password: 'guess' });
    await expect(guess`select 1`.execute()).rejects.toMatchObject({ code: '28P01' });
    await guess.end();
    const rules = await Bun.file(join(data, 'postgres', 'cluster', 'pg_hba.conf')).text();
    const methods = rules
      .split('\n')
      .filter((line) => /^\s*(local|host)/.test(line))
      .map((line) => line.trim().split(/\s+/).at(-1));
    expect(new Set(methods)).toEqual(new Set(['scram-sha-256']));
  });
} else {
  test('as nobody: needs root', () => console.log(skippedForUsers));
}

test('a DATA_DIR and backups that were left open are closed at the next start, and the projects are there', async () => {
  const first = await start();
  await fill(first);
  await first.terminate();
  await run('backup.ts');
  // As the version before made them.
  Bun.spawnSync(['sh', '-c', 'chmod -R a+rX data/outputs data/s3 data/uploads-in-progress backups', 'sh'], {
    cwd: directory,
  });
  for (const path of [data, join(data, 'postgres')]) {
    await chmod(path, 0o755);
    if (isRoot) Bun.spawnSync(['chgrp', '0', path]);
  }
  const second = await start();
  const { body } = await second.api.call<{ projects: unknown[] }>('GET', '/projects');
  expect(body.projects).toHaveLength(1);
  const passing = isRoot ? 0o710 : 0o700;
  expect(await modeOf('data')).toBe(passing);
  expect(await modeOf('data', 'postgres')).toBe(passing);
  for (const folder of ['outputs', 's3', 'uploads-in-progress']) {
    expect(await modeOf('data', folder)).toBe(0o700);
  }
  await Bun.sleep(1000);
  await run('backup.ts');
  expect(await modeOf('backups')).toBe(0o700);
  expect(expectStatus(await second.api.call<{ projects: unknown[] }>('GET', '/projects'), 200)).toBeDefined();
});

test('a file that a user asked for by name gets the rights that the user gives', async () => {
  const clip = await plainClip('files.mp4', { size: '320x180', rate: '25', seconds: 1 });
  const song = join(directory, 'song.wav');
  Bun.spawnSync(['ffmpeg', '-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=1', song]);
  await run('compose.ts', ['--out', join(directory, 'final.mp4'), '--audio', song, clip]);
  expect(await modeOf('final.mp4')).toBe(0o644);
});

const warnings: { event: string; fields: Record<string, unknown> }[] = [];
const nothing = () => undefined;
const log: Log = {
  debug: nothing,
  info: nothing,
  error: nothing,
  child: () => log,
  warn: (fields, event) => warnings.push({ event, fields }),
};
const close = () => closeDataDirectory({ directory: data, embeddedDatabase: false, log });
beforeEach(() => warnings.splice(0));

test('a folder that others use as well stays as it is, but not the studio’s folders in it', async () => {
  await mkdir(join(data, 's3'), { recursive: true });
  await mkdir(join(data, 'pictures-of-somebody'));
  for (const path of [data, join(data, 's3')]) await chmod(path, 0o755);
  await close();
  expect([await modeOf('data'), await modeOf('data', 's3')]).toEqual([0o755, 0o700]);
  expect(warnings).toMatchObject([{ event: 'data_directory_shared' }]);
  await rm(join(data, 'pictures-of-somebody'), { recursive: true });
  await chmod(data, 0o1777);
  await close();
  expect(await modeOf('data')).toBe(0o1777);
});

test('DATA_DIR that is a file, or in a place where nothing can be made, is told', async () => {
  await writeFile(data, 'no folder');
  await expect(close()).rejects.toMatchObject({ code: 'DataDirectoryUnusable' });
  await rm(data);
  await symlink('/proc/nothing', data);
  await expect(close()).rejects.toMatchObject({ code: 'DataDirectoryUnusable' });
});

if (isRoot) {
  test('a DATA_DIR of another user is used with a warning', async () => {
    await mkdir(data);
    Bun.spawnSync(['chown', '65534', data]);
    await close();
    expect(warnings).toMatchObject([{ event: 'data_directory_of_another_user', fields: { owner: 65534 } }]);
  });

  test('rights that can’t be changed are told, and the start goes on', async () => {
    await mkdir(data);
    await chmod(data, 0o777);
    const script = `
      import { closeDataDirectory } from '${root}/api/composition/data-directory';
      import { createLog } from '${root}/api/shared/log';
      await closeDataDirectory({ directory: '${data}', embeddedDatabase: false, log: createLog('warn') });`;
    // Wherever Bun is installed, that user has to reach it.
    const bun = join(directory, 'bun');
    await copyFile(process.execPath, bun);
    await chmod(bun, 0o755);
    expect(await asNobody(`'${bun}' -e "${script}" 2>&1`)).toContain('data_directory_open');
  });
}
