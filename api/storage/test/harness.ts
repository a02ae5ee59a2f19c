import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../../../db/test-database';
import { newId } from '../../shared/ids';
import type { Log } from '../../shared/log';
import { type FaultProxy, startFaultProxy } from '../../test/doubles/fault-proxy/fault-proxy.double';
import { type EmbeddedS3, startEmbeddedS3 } from '../embedded-s3.server';
import { createS3Clients } from '../s3.client';
import { createStorage, type StorageOptions } from '../storage';
import type { StorageSettings } from '../storage.settings';

const mebibyte = 1024 * 1024;

/** Small and quick: two tries with no wait, parts from 1 MiB on. */
export const testSettings: Partial<StorageSettings> = {
  inlineTries: 2,
  inlineDelaysMs: [1],
  multipartFromBytes: mebibyte,
  partBytes: mebibyte / 2,
  requestTimeoutMs: 5000,
};

export type LogLine = { event: string; at: number; fields: Record<string, unknown> };

/** A log that keeps its lines and when they came. */
export function recordingLog(onLine: (line: LogLine) => void = () => undefined): Log & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write = (fields: Record<string, unknown>, event: string) => {
    const line = { event, at: performance.now(), fields };
    lines.push(line);
    onLine(line);
  };
  const log: Log = { debug: write, info: write, warn: write, error: write, child: () => log };
  return { ...log, lines };
}

/** Time that tests move. */
export function movableClock(): { now(): Date; advance(milliseconds: number): void } {
  let offset = 0;
  return {
    now: () => new Date(Date.now() + offset),
    advance(milliseconds) {
      offset += milliseconds;
    },
  };
}

export type Harness = Awaited<ReturnType<typeof startHarness>>;

/** A database, an embedded S3 behind a fault proxy (over loopback), and storages on folders of their own. */
export async function startHarness() {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'songreel-storage-')));
  const database: TestDatabase = await createTestDatabase();
  const quiet = recordingLog();
  const embedded: EmbeddedS3 = await startEmbeddedS3({
    directory: join(directory, 's3'),
    log: quiet,
    transport: 'loopback',
  });
  const { accessKeyId, secretAccessKey, region, bucket } = embedded;
  const credentials = { accessKeyId, secretAccessKey };
  const proxy: FaultProxy = await startFaultProxy({ target: embedded.endpoint, credentials });
  const clients = createS3Clients({ endpoint: proxy.url, region, forcePathStyle: true, credentials });
  const { sql } = database;

  return {
    directory,
    database,
    sql,
    embedded,
    proxy,
    bucket,
    async storage(options: Partial<StorageOptions> = {}) {
      const log = recordingLog();
      const clock = movableClock();
      const done: { key: string; args: Record<string, unknown> }[] = [];
      const storage = await createStorage({
        sql,
        ...clients,
        bucket,
        mediaRoot: join(directory, newId()),
        keepLocalMedia: false,
        newId,
        clock,
        log,
        completions: {
          async remember(tx, files, args) {
            for (const { key } of files) {
              await tx`insert into object_deletions (s3_key, reason, next_attempt_at)
                values (${`done/${key}`}, 'remembered', now() + interval '100 years')`;
              done.push({ key, args });
            }
          },
        },
        ...options,
        settings: { ...testSettings, ...options.settings },
      });
      return { storage, log, clock, done };
    },
    async rows() {
      const rows = await sql<
        { key: string; state: string; attempts: number; lastError: string | null; path: string }[]
      >`select s3_key as key, state, attempts, last_error, path from uploads order by id`;
      return [...rows];
    },
    async stop() {
      await proxy.stop();
      await embedded.stop();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Bytes that differ everywhere, so that a lost or swapped part shows. */
export function someBytes(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0 || 1;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

export function sha256Hex(bytes: Uint8Array): string {
  return new Bun.CryptoHasher('sha256').update(bytes).digest('hex');
}
