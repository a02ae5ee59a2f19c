import { join } from 'node:path';
import type { Format } from '../../api/contract/format.schema';
import type { Studio } from '../../api/main';
import { probeMedia } from '../../api/media/probe';
import { writeDemoMaterial } from '../../api/sample/material/material';
import { writeDemoSong } from '../../api/sample/song/demo-song';

/** The files of the demo: three clips, a picture for one scene, a song. */
export type Material = { singer: string; skyline: string; stage: string; storyboard: string; song: string };

const landscape: Format = { width: 1280, height: 720, fps: 25 };
const portrait: Format = { width: 720, height: 1280, fps: 25 };

/** Upright when the user's clip is. */
export async function demoFormat(studio: Studio, clip: string | undefined): Promise<Format> {
  if (clip === undefined) return landscape;
  const { video } = await probeMedia(studio.services.mediaTools, clip);
  return video !== null && video.displayHeight > video.displayWidth ? portrait : landscape;
}

/** Draws and synthesises what the user didn't bring; kept in `directory` for the next run. */
export async function prepareMaterial(
  studio: Studio,
  options: { directory: string; format: Format; clip?: string; song?: string },
): Promise<Material> {
  const drawn = await writeDemoMaterial(options.directory, {
    ffmpegPath: studio.services.mediaTools.ffmpegPath,
    ...options.format,
    withSinger: options.clip === undefined,
  });
  const song = options.song ?? join(options.directory, 'song.wav');
  if (options.song === undefined && !(await Bun.file(song).exists())) await writeDemoSong(song);
  return { ...drawn, singer: options.clip ?? drawn.singer, song };
}
