import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createLog } from '../../shared/log';
import { findPrograms } from '../ffmpeg.finder';
import type { MediaTools } from '../media.types';

/** The programs of this machine and a log that says nothing. */
export async function testTools(): Promise<MediaTools> {
  const log = createLog('silent');
  return { ...(await findPrograms({ log, allowInstall: true })), log };
}

/** A folder of one test file; `remove` takes it away with all that is in it. */
export async function testFolder(): Promise<{ path: (name: string) => string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'songreel-media-'));
  return {
    path: (name) => join(folder, name),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A real clip that lies beside the repository, when there is one. */
export function sharedClip(name: string): string | null {
  const path = resolve(import.meta.dir, '../../../../shared/clips', name);
  return existsSync(path) ? path : null;
}

/** Runs ffmpeg with plain arguments, for building test media; throws with its words. */
export async function ffmpeg(tools: MediaTools, args: string[]): Promise<void> {
  await output([tools.ffmpegPath, '-v', 'error', '-y', '-nostdin', ...args]);
}

/** What a program writes to stdout; throws with its stderr. */
export async function output(command: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const [bytes, words] = await Promise.all([
    new Response(child.stdout).arrayBuffer(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${command[0]} failed: ${words}`);
  return new Uint8Array(bytes);
}
