import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Database } from '../../../db/connect';
import { createTestDatabase } from '../../../db/test-database';
import { readProcessConfig } from '../../config';
import { findPrograms } from '../../media/ffmpeg.finder';
import { probeMedia } from '../../media/probe';
import {
  createProviderCallUsecases,
  type ProviderCallUsecases,
} from '../../provider-work/provider-calls.usecases';
import { newId } from '../../shared/ids';
import { createLog, type Log } from '../../shared/log';
import { createSafeFetch } from '../../storage/safe-fetch/safe-fetch';
import { waitForTimer } from '../paid/pace';
import type { PaidSettings } from '../paid/paid-run';
import { providers } from '../provider.list';
import { createPrices } from '../provider.prices';
import type { PaidCalls, ProviderContext } from '../provider.types';
import { quickPace } from './quick.pace';

/** A row of provider_calls, as a test looks at it. */
export type CallState = { state: string; charged: string; open: boolean; remoteId: string | null };

export type PaidBench = Awaited<ReturnType<typeof createPaidBench>>;

/** What paid providers need from the studio, for tests: its real memory of calls, its real fetch. */
export async function createPaidBench() {
  const silent = createLog('silent');
  const { FFMPEG_BIN: ffmpegBin, FFPROBE_BIN: ffprobeBin } = readProcessConfig();
  const programs = await findPrograms({ ffmpegBin, ffprobeBin, log: silent, allowInstall: false });
  const tools = { ...programs, log: silent };
  const folder = await mkdtemp(join(tmpdir(), 'songreel-providers-'));
  const database = await createTestDatabase();
  const sql: Database = connect(database.url);
  const usecases: ProviderCallUsecases = createProviderCallUsecases({
    sql,
    newId,
    jobs: { record: async () => undefined },
  });
  const safeFetch = createSafeFetch({ allowLoopback: true, log: silent });
  /** Everything that was logged or written down, to be searched for secrets. */
  const written: string[] = [];
  const note = (fields: Record<string, unknown>, event: string) =>
    void written.push(JSON.stringify({ event, ...fields }));
  const log: Log = { debug: note, info: note, warn: note, error: note, child: () => log };

  const settings: PaidSettings = {
    clock: { now: () => new Date() },
    wait: (ms, signal) => waitForTimer(Math.min(ms, 20), signal),
    pace: quickPace,
    limitMinutes: 5,
    estimate: createPrices(providers),
    async fetchToFile(url, path, { maxBytes, signal, headers = {} }) {
      return safeFetch.fetchToFile(url, { toPath: path, maxBytes, signal, headers });
    },
    async inspectVideo(path, signal) {
      const info = await probeMedia(tools, path, signal);
      return { frames: info.video?.frames ?? null, seconds: info.video?.duration ?? null };
    },
  };

  return {
    folder,
    settings,
    written,
    path: (name: string) => join(folder, name),
    calls: (jobId: string): PaidCalls => usecases.forJob({ id: jobId, projectId: null, sceneId: null }),
    /** The job's calls, oldest first. */
    async states(jobId: string): Promise<CallState[]> {
      const rows = await sql<(CallState & { request: unknown; message: string | null })[]>`
        select state, charged, open, remote_id, request, message from provider_calls
        where job_id = ${jobId} order by number`;
      written.push(JSON.stringify(rows));
      return rows.map(({ state, charged, open, remoteId }) => ({ state, charged, open, remoteId }));
    },
    context(jobId: string, change: Partial<ProviderContext> = {}): ProviderContext {
      return {
        signal: new AbortController().signal,
        progress: () => undefined,
        log,
        calls: usecases.forJob({ id: jobId, projectId: null, sceneId: null }),
        waitForWebhook: (_remoteId, ms, signal) => waitForTimer(ms, signal),
        share: async () => {
          throw new Error('Nothing is shared here.');
        },
        webhookUrl: null,
        ...change,
      };
    },
    /** A clip of this many frames at 25 fps, with sound. */
    async clip(name: string, frames: number): Promise<string> {
      const path = join(folder, name);
      const seconds = frames / 25;
      const child = Bun.spawn([
        ...[programs.ffmpegPath, '-v', 'error', '-y', '-nostdin'],
        ...['-f', 'lavfi', '-i', `testsrc2=s=64x64:r=25:d=${seconds}`],
        ...['-f', 'lavfi', '-i', `sine=d=${seconds}:r=48000`],
        ...[
          '-c:v',
          'libx264',
          '-pix_fmt',
          'yuv420p',
          '-frames:v',
          String(frames),
          '-c:a',
          'aac',
          '-shortest',
          path,
        ],
      ]);
      if ((await child.exited) !== 0) throw new Error('ffmpeg made no clip.');
      return path;
    },
    async sound(name: string): Promise<string> {
      const path = join(folder, name);
      const child = Bun.spawn([
        ...[
          programs.ffmpegPath,
          '-v',
          'error',
          '-y',
          '-nostdin',
          '-f',
          'lavfi',
          '-i',
          'sine=d=1:r=48000',
          path,
        ],
      ]);
      if ((await child.exited) !== 0) throw new Error('ffmpeg made no sound.');
      return path;
    },
    async close(): Promise<void> {
      await sql.end();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
