import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Shot, writeVideo } from '../../drawing/frame-video';
import { writeWhole } from '../write-whole';
import { createSinger } from './singer.scene';
import { createSkyline, skylineSize } from './skyline.scene';
import { createStage, stageSize } from './stage.scene';
import { paintStoryboard } from './storyboard.drawing';

export type DemoMaterialOptions = {
  ffmpegPath: string;
  /** The project's format, in which the singer and the storyboard picture are made. */
  width: number;
  height: number;
  fps: number;
  /** False leaves the singer's shot, the longest to paint, unmade. */
  withSinger?: boolean;
  /** Length of the singer's shot in seconds; 8 unless told. */
  singerSeconds?: number;
  log?: (line: string) => void;
};

/** Paths of the finished files. */
export type DemoMaterial = { singer: string; skyline: string; stage: string; storyboard: string };

/** The two other shots keep sizes and rates of their own, so that the demo shows normalising too. */
const shotSeconds = 5;

/**
 * Makes the demo's pictures in `directory`: a drawn singer in the project's format, a city skyline
 * (1920×1080, 30 fps), a microphone on a stage (1080×1080, 24 fps), and a storyboard picture (PNG).
 * Deterministic, without network. A file that is there already is kept: its name tells what is in
 * it, and it gets its name only when it is whole, so that two may make it at once. Throws `DemoMaterialFailed` when ffmpeg fails.
 */
export async function writeDemoMaterial(
  directory: string,
  options: DemoMaterialOptions,
): Promise<DemoMaterial> {
  const { ffmpegPath, width, height, fps, singerSeconds = 8 } = options;
  const format = `${width}x${height}`;
  const paths: DemoMaterial = {
    singer: join(directory, `singer-${format}-${fps}fps-${singerSeconds}s.mp4`),
    skyline: join(directory, `skyline-${shotSeconds}s.mp4`),
    stage: join(directory, `stage-${shotSeconds}s.mp4`),
    storyboard: join(directory, `storyboard-${format}.png`),
  };
  await mkdir(directory, { recursive: true });
  await removeLeftovers(directory);
  const make = (path: string, write: () => Promise<void>) => makeOnce(path, write, options.log);
  const video = (path: string, rate: number, seconds: number, create: () => Shot) =>
    make(path, () => writeVideo(create(), Math.round(seconds * rate), { ffmpegPath, fps: rate, path }));
  // One after the other: painting fills one core, and the encoder the next.
  if (options.withSinger ?? true)
    await video(paths.singer, fps, singerSeconds, () => createSinger(width, height, singerSeconds));
  await video(paths.skyline, skylineSize.fps, shotSeconds, () => createSkyline(shotSeconds));
  await video(paths.stage, stageSize.fps, shotSeconds, () => createStage(shotSeconds));
  await make(paths.storyboard, async () => {
    await writeWhole(paths.storyboard, await paintStoryboard(width, height).encode('png'));
  });
  return paths;
}

/** Nothing is painted for so long. */
const LEFTOVER_MS = 60 * 60 * 1000;

/** Removes what a process that was ended left half made. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const name of (await readdir(directory)).filter((one) => one.endsWith('.part'))) {
    const path = join(directory, name);
    // Another process may have finished it meanwhile.
    const facts = await stat(path).catch(() => null);
    if (facts !== null && Date.now() - facts.mtimeMs > LEFTOVER_MS) await rm(path, { force: true });
  }
}

async function makeOnce(
  path: string,
  write: () => Promise<void>,
  log?: (line: string) => void,
): Promise<void> {
  if (await Bun.file(path).exists()) {
    log?.(`${path} is there already`);
    return;
  }
  const started = performance.now();
  await write();
  log?.(`${path} painted in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
