import { loadavg } from 'node:os';
import { readProcessConfig } from '../../../api/config';
import { findPrograms } from '../../../api/media/ffmpeg.finder';
import type { MediaTools } from '../../../api/media/media.types';
import { createLog } from '../../../api/shared/log';

/** The programs of this machine, as the settings say. */
export async function benchTools(): Promise<MediaTools> {
  const config = readProcessConfig();
  const log = createLog('error');
  const { FFMPEG_BIN: ffmpegBin, FFPROBE_BIN: ffprobeBin } = config;
  return { ...(await findPrograms({ ffmpegBin, ffprobeBin, log, allowInstall: true })), log };
}

/** Prints rows under their headings, and how busy the machine was. */
export function printTable(headings: string[], rows: string[][]): void {
  const all = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  console.log(
    [line(headings), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n'),
  );
  const [one = 0] = loadavg();
  console.log(`(load average ${one.toFixed(1)})`);
}

export function inSeconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

export function inMebibytes(bytes: number): string {
  return bytes === 0 ? '–' : `${Math.round(bytes / 1024 ** 2)} MiB`;
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Milliseconds that some work takes. */
export async function timed<T>(work: () => Promise<T>): Promise<{ result: T; milliseconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - started };
}

/** Numbers 0 ≤ x < 1 that are the same in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
