import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Format } from '../../../api/contract/format.schema';
import { composeVideo } from '../../../api/media/compose';
import { makeJoinable } from '../../../api/media/joinable';
import type { MediaTools } from '../../../api/media/media.types';
import { prepareSong } from '../../../api/media/song';
import {
  makeNumberedClip,
  type NumberedClip,
  readFrameNumbers,
  setRotation,
} from '../../../api/media/testing/numbered-clip';
import { decodeSound, findLag, makeSong, readSamples } from '../../../api/media/testing/sound';
import { printTable, seededRandom } from './bench.table';

const format: Format = { width: 320, height: 180, fps: 24 };

/** Sizes, rates, codecs and a turn in every mixture. All are wide or upside down, to be readable. */
const kinds: (Partial<NumberedClip> & { turned?: 180 })[] = [
  { fps: 25 },
  { fps: '30000/1001', soundSeconds: 3, flags: ['-c:a', 'aac'] },
  { fps: 60, codec: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=0'] },
  { fps: 24, width: 160, height: 90, codec: ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3'] },
  { fps: 30, width: 640, height: 360, codec: ['-c:v', 'mpeg4', '-q:v', '3'] },
  { fps: '24000/1001', pixelFormat: 'yuv444p', soundSeconds: 0.3, flags: ['-c:a', 'aac'] },
  { fps: 25, turned: 180 },
];

/** Composes scenes of odd lengths and kinds; counts those that start on their exact frame. */
export async function checkExactness(tools: MediaTools, parent: string, scenes: number): Promise<void> {
  const folder = join(parent, 'exactness');
  await mkdir(folder);
  const random = seededRandom(11);
  const clips: string[] = [];
  for (let scene = 0; scene < scenes; scene++) {
    const { turned, ...kind } = kinds[scene % kinds.length] ?? {};
    const path = join(folder, `clip-${scene}.mp4`);
    const frames = 13 + Math.floor(random() * 50);
    const base = { width: 320, height: 180, fps: 25, frames, firstNumber: scene * 64 };
    await makeNumberedClip(tools, path, { ...base, ...kind });
    if (turned) await setRotation(path, turned);
    clips.push(path);
  }
  const { paths, normalised } = await makeJoinable(tools, { paths: clips, format, folder });
  const numbers = await Promise.all(paths.map((path) => readFrameNumbers(tools, path)));
  const total = numbers.reduce((sum, take) => sum + take.length, 0);
  const sourcePath = join(folder, 'song.wav');
  await makeSong(sourcePath, total / format.fps + 5);
  const [wavPath, aacPath] = [join(folder, 'master.wav'), join(folder, 'master.m4a')];
  await prepareSong(tools, { sourcePath, wavPath, aacPath });
  const outputPath = join(folder, 'final.mp4');
  await composeVideo(tools, {
    takePaths: paths,
    song: { masterPath: wavPath, aacPath },
    format,
    outputPath,
    workDirectory: folder,
  });
  const shown = await readFrameNumbers(tools, outputPath);
  let start = 0;
  let exact = 0;
  for (const take of numbers) {
    if (take.join() === shown.slice(start, start + take.length).join()) exact += 1;
    start += take.length;
  }
  const lastCut = Math.round(((total - (numbers.at(-1)?.length ?? 0)) * 48_000) / format.fps);
  // Before the fade-out, which begins 0.75 s before the end.
  const heardAt = lastCut - 36_000;
  const { lag } = findLag(
    await readSamples(sourcePath),
    await decodeSound(tools, outputPath),
    heardAt,
    12_000,
  );
  printTable(
    [
      'mixed scenes of odd lengths',
      'normalised',
      'frames',
      'scenes exact to the frame',
      'sound at the last cut',
    ],
    [
      [
        String(scenes),
        String(normalised),
        `${shown.length} of ${total}`,
        String(exact),
        `${(lag / 48).toFixed(3)} ms off`,
      ],
    ],
  );
}
