import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Format } from '../../../api/contract/format.schema';
import { writeVideo } from '../../../api/drawing/frame-video';
import { checkClip } from '../../../api/media/check';
import { runFfmpeg } from '../../../api/media/ffmpeg.runner';
import type { MediaTools } from '../../../api/media/media.types';
import { normaliseClip } from '../../../api/media/normalise';
import { createSinger } from '../../../api/sample/material/singer.scene';
import { writeDemoSong, writeDemoVocal } from '../../../api/sample/song/demo-song';
import { formatOf } from '../../lib/clip.format';

/** One clip and one sound, ready for the engine. */
export type BenchCase = {
  name: string;
  videoPath: string;
  audioPath: string;
  /** The voice alone, when the sound is a song and its voice is at hand. */
  vocalPath: string | null;
  /** The clip's own sound, when it has any: for the truth test. */
  ownAudioPath: string | null;
  format: Format;
  frames: number;
};

type Recipe = {
  name: string;
  video: string;
  audio: string;
  vocal?: string;
  /** Seconds at which the part begins, in the video and in the sound. */
  videoStart: number;
  audioStart: number;
  /** ffmpeg's crop, before scaling. */
  crop?: string;
  /** Left out: the clip's own. */
  format?: Format;
};

const FPS = 25;
/** Second at which the demo song is sung. */
const VERSE = 8;
const clips = resolve(import.meta.dir, '../../../../shared/clips');

/** The demo's drawn singer and its song, at the song's first verse. */
export async function paintDemoCase(ffmpegPath: string, seconds: number, folder: string): Promise<Recipe> {
  const format: Format = { width: 720, height: 1280, fps: FPS };
  const video = join(folder, 'singer.mp4');
  const audio = join(folder, 'song.wav');
  const vocal = join(folder, 'vocal.wav');
  const singer = createSinger(format.width, format.height, seconds);
  await writeVideo(singer, Math.round(seconds * FPS), { ffmpegPath, fps: FPS, path: video });
  await writeDemoSong(audio);
  await writeDemoVocal(vocal);
  return { name: 'drawn singer', video, audio, vocal, videoStart: 0, audioStart: VERSE, format };
}

/** The clips at hand beside the repository, and the pairs `name.mp4` / `name.wav` of a folder. */
export async function listCases(folder: string | undefined): Promise<Recipe[]> {
  const woman = join(clips, 'talking-woman-10s.mp4');
  const speech = join(clips, 'speech-9s.wav');
  const tall: Format = { width: 720, height: 1280, fps: FPS };
  const square: Format = { width: 720, height: 720, fps: FPS };
  const known: Recipe[] = !existsSync(woman)
    ? []
    : [
        { name: 'talking 0-5 s', videoStart: 0, audioStart: 0, format: tall },
        { name: 'talking 5-10 s', videoStart: 5, audioStart: 4, format: tall },
        { name: 'talking, square', videoStart: 0, audioStart: 2, format: square, crop: '1080:1080:0:400' },
        { name: 'talking, near', videoStart: 5, audioStart: 0, format: square, crop: '480:480:360:540' },
      ].map((recipe) => ({ ...recipe, video: woman, audio: speech }));
  if (folder === undefined) return known;
  const names = (await readdir(folder)).filter((name) => name.endsWith('.mp4'));
  const own = names.flatMap((name) => {
    const video = join(folder, name);
    const audio = video.replace(/\.mp4$/, '.wav');
    if (!existsSync(audio)) return [];
    return [{ name: name.slice(0, -4), video, audio, videoStart: 0, audioStart: 0 }];
  });
  return [...known, ...own];
}

/** Cuts, crops and normalises the parts of a recipe into `folder`. */
export async function prepareCase(
  tools: MediaTools,
  recipe: Recipe,
  seconds: number,
  folder: string,
): Promise<BenchCase> {
  const base = join(folder, recipe.name.replace(/\W+/g, '-'));
  const cut = `${base}.cut.mp4`;
  const ffmpeg = (step: string, args: string[]): Promise<unknown> =>
    runFfmpeg(tools, { step, args, timeLimitSeconds: 300 });
  // prettier-ignore
  await ffmpeg('Cut the clip', [
    '-ss',
    String(recipe.videoStart),
    '-t',
    String(seconds),
    '-i',
    recipe.video,
    ...(recipe.crop === undefined ? [] : ['-vf', `crop=${recipe.crop}`]),
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-crf',
    '12',
    '-c:a',
    'pcm_s16le',
    '-f',
    'mov',
    cut,
  ]);
  const format = recipe.format ?? formatOf((await checkClip(tools, cut)).video);
  const take = await normaliseClip(tools, { sourcePath: cut, format, outputPath: `${base}.mp4` });
  const sound = async (from: string, start: number, path: string): Promise<string> => {
    // prettier-ignore
    await ffmpeg('Cut the sound', [
      '-ss',
      String(start),
      '-t',
      String(take.frames / format.fps),
      '-i',
      from,
      '-vn',
      '-ar',
      '48000',
      '-f',
      'wav',
      path,
    ]);
    return path;
  };
  return {
    name: recipe.name,
    videoPath: take.path,
    audioPath: await sound(recipe.audio, recipe.audioStart, `${base}.wav`),
    vocalPath:
      recipe.vocal === undefined ? null : await sound(recipe.vocal, recipe.audioStart, `${base}.vocal.wav`),
    ownAudioPath: take.hasSound ? await sound(cut, 0, `${base}.own.wav`) : null,
    format,
    frames: take.frames,
  };
}
