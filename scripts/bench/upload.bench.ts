import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { AppError } from '../../api/shared/errors';
import { createTestDatabase } from '../../db/test-database';
import { median, printTable } from './media/bench.table';
import {
  StoreFactsSchema,
  type UploadFigures,
  UploadFiguresSchema,
  type UploadTask,
} from './upload/upload.task';

const mebibyte = 1024 * 1024;
const names: Record<UploadTask['how'], string> = {
  plain: 'plain PUT',
  confirmed: 'confirmed upload',
  'confirmed-in-one': 'confirmed, never in parts',
};

/**
 * Confirmed upload (hash, outbox row, PUT or parts, HEAD, database change) against a plain PUT of the
 * same files to the same embedded store, each in a process of its own, in turns. `--large MIB` is the
 * size of the large file (default 512), `--repeat N` how often each is measured (default 3).
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { large: { type: 'string', default: '512' }, repeat: { type: 'string', default: '3' } },
  });
  const [large, repeat] = [Number(values.large), Number(values.repeat)];
  const folder = await mkdtemp(join(tmpdir(), 'songreel-bench-upload-'));
  const database = await createTestDatabase();
  const store = Bun.spawn(
    [process.execPath, join(import.meta.dir, 'upload/store.worker.ts'), join(folder, 's3')],
    {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'inherit',
    },
  );
  try {
    const facts = v.parse(StoreFactsSchema, JSON.parse(await firstLine(store.stdout)));
    const mediaRoot = join(folder, 'outputs');
    const sets = [
      { name: '20 files of 2 MiB', paths: await makeFiles(mediaRoot, 'small', 20, 2 * mebibyte) },
      { name: `1 file of ${large} MiB`, paths: await makeFiles(mediaRoot, 'large', 1, large * mebibyte) },
    ];
    const rows: string[][] = [];
    for (const { name, paths } of sets) {
      const task = { ...facts, databaseUrl: database.url, mediaRoot, paths };
      const ways = (['plain', 'confirmed', 'confirmed-in-one'] as const).map((how) => ({
        how,
        all: [] as UploadFigures[],
      }));
      for (let turn = 0; turn < repeat; turn += 1) {
        for (const { how, all } of ways) all.push(await measure({ ...task, how }));
        await rm(join(folder, 's3', 'data', facts.bucket, 'videos'), { recursive: true, force: true });
      }
      const baseline = median(ways[0]?.all.map((figures) => figures.milliseconds) ?? []);
      for (const { how, all } of ways) {
        const milliseconds = median(all.map((figures) => figures.milliseconds));
        rows.push([
          name,
          names[how],
          `${(milliseconds / 1000).toFixed(2)} s`,
          `${(milliseconds / baseline).toFixed(2)} ×`,
          `${Math.max(...all.map((figures) => figures.peakMebibytes)).toFixed(0)} MiB`,
          `${median(all.map((figures) => figures.startMebibytes)).toFixed(0)} MiB`,
        ]);
      }
    }
    printTable(['what', 'how', 'wall (median)', 'against plain', 'peak memory', 'of it at start'], rows);
  } finally {
    store.stdin.end();
    await store.exited;
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Files of bytes that do not repeat within a mebibyte. */
async function makeFiles(mediaRoot: string, name: string, count: number, bytes: number): Promise<string[]> {
  await mkdir(join(mediaRoot, 'videos'), { recursive: true });
  const block = Buffer.from(crypto.getRandomValues(new Uint8Array(65_536)));
  const piece = Buffer.concat(Array.from({ length: 16 }, () => block));
  const paths: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const path = `videos/${name}-${index}.mp4`;
    const file = await open(join(mediaRoot, path), 'w');
    for (let at = 0; at < bytes; at += piece.length) {
      piece.writeUInt32LE((at + index) % 0xffffffff, 0);
      await file.write(piece, 0, Math.min(piece.length, bytes - at));
    }
    await file.close();
    paths.push(path);
  }
  return paths;
}

async function measure(task: UploadTask): Promise<UploadFigures> {
  const worker = Bun.spawn(
    [process.execPath, join(import.meta.dir, 'upload/upload.worker.ts'), JSON.stringify(task)],
    {
      stdout: 'pipe',
      stderr: 'inherit',
    },
  );
  const text = await new Response(worker.stdout).text();
  if ((await worker.exited) !== 0) {
    throw new AppError({ code: 'BenchmarkFailed', message: `The ${task.how} upload failed.` });
  }
  return v.parse(UploadFiguresSchema, JSON.parse(text));
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (!text.includes('\n')) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
  return text;
}
