import { join } from 'node:path';
import { runFfmpeg } from '../../../api/media/ffmpeg.runner';
import type { MediaTools } from '../../../api/media/media.types';
import { mezzanineVideoArguments } from '../../../api/media/mezzanine.arguments';
import type { BenchCase } from './bench.cases';
import { walkPair } from './clip.reading';
import type { FaceSquare } from './independent.detector';

/** Makes the engine run on a variant of a case; answers the path of the result and its wanted openings. */
export type SpecialRun = (
  bench: BenchCase,
  options: {
    active_speaker_detection?: boolean;
    occlusion_detection_enabled?: boolean;
    speaker?: { x: number; y: number };
  },
) => Promise<{ path: string; target: number[]; report: SpecialReport }>;

/** What the rows show of the engine's report. */
export type SpecialReport = {
  framesWithFace: number;
  facesFound: number;
  shots: number;
  passedThrough: { share: number };
  peakMemoryBytes: number;
};

export type SpecialRow = Record<string, string | number>;
export type SpecialKit = { tools: MediaTools; folder: string; run: SpecialRun };

/** Two talking people side by side with the sound of the right one: who moves, and what of the other changes. */
export async function twoFaces(kit: SpecialKit, left: BenchCase, right: BenchCase): Promise<SpecialRow> {
  const videoPath = join(kit.folder, 'two.mp4');
  const side = 640;
  const format = { width: 2 * side, height: side, fps: right.format.fps };
  const frames = Math.min(left.frames, right.frames);
  // prettier-ignore
  await ffmpeg(kit.tools, [
    '-i',
    left.videoPath,
    '-i',
    right.videoPath,
    ...(right.ownAudioPath === null ? [] : ['-i', right.ownAudioPath]),
    '-filter_complex',
    `[0:v]scale=${side}:${side}[a];[1:v]scale=${side}:${side}[b];[a][b]hstack[v]`,
    '-map',
    '[v]',
    ...(right.ownAudioPath === null ? [] : ['-map', '2:a', '-c:a', 'aac']),
    '-frames:v',
    String(frames),
    ...mezzanineVideoArguments(format, 2),
    videoPath,
  ]);
  const bench: BenchCase = { ...right, name: 'two faces', videoPath, format, frames };
  const made = await kit.run(bench, { active_speaker_detection: true });
  const source = { path: videoPath, ...format, frames };
  const squares = [0, 0];
  await walkPair(kit.tools.ffmpegPath, source, { ...source, path: made.path }, (before, after) => {
    for (let i = 0; i < before.y.length; i++) {
      const difference = (before.y[i] ?? 0) - (after.y[i] ?? 0);
      const half = i % format.width < side ? 0 : 1;
      squares[half] = (squares[half] ?? 0) + difference * difference;
    }
  });
  const psnr = (half: number): string =>
    (10 * Math.log10((255 * 255 * side * side * frames) / Math.max(1, squares[half] ?? 0))).toFixed(1);
  return { case: 'two faces, the right one speaks', 'left PSNR dB': psnr(0), 'right PSNR dB': psnr(1) };
}

/** A box over the mouth for a second: what is drawn where it lies. */
export async function coveredMouth(kit: SpecialKit, bench: BenchCase, face: FaceSquare): Promise<SpecialRow> {
  const videoPath = join(kit.folder, 'covered.mp4');
  const from = bench.format.fps;
  const until = 2 * bench.format.fps;
  const box = {
    x: Math.round(face.x - face.size * 0.35),
    y: Math.round(face.y),
    width: Math.round(face.size * 0.7),
    height: Math.round(face.size * 0.55),
  };
  const draw = `drawbox=x=${box.x}:y=${box.y}:w=${box.width}:h=${box.height}:color=0x806040:t=fill:enable='between(n,${from},${until - 1})'`;
  await ffmpeg(kit.tools, [
    '-i',
    bench.videoPath,
    '-an',
    '-vf',
    draw,
    ...mezzanineVideoArguments(bench.format, 2),
    videoPath,
  ]);
  const made = await kit.run({ ...bench, videoPath }, { occlusion_detection_enabled: true });
  const source = { path: videoPath, ...bench.format, frames: bench.frames };
  let worst = 0;
  await walkPair(kit.tools.ffmpegPath, source, { ...source, path: made.path }, (before, after, index) => {
    if (index < from || index >= until) return;
    for (let y = box.y + 4; y < Math.min(bench.format.height, box.y + box.height - 4); y++) {
      for (let x = box.x + 4; x < box.x + box.width - 4; x++) {
        const at = y * bench.format.width + x;
        worst = Math.max(worst, Math.abs((before.y[at] ?? 0) - (after.y[at] ?? 0)));
      }
    }
  });
  return { case: 'box over the mouth for 1 s', 'largest luma difference on the box': worst };
}

/** Makes the media of a special case. */
export async function ffmpeg(tools: MediaTools, args: string[]): Promise<void> {
  await runFfmpeg(tools, { step: 'Make a special case', args, timeLimitSeconds: 300 });
}
