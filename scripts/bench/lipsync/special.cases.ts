import { join } from 'node:path';
import { runFfmpeg } from '../../../api/media/ffmpeg.runner';
import type { MediaTools } from '../../../api/media/media.types';
import { mezzanineVideoArguments } from '../../../api/media/mezzanine.arguments';
import { playDemoBacking } from '../../demo/song/demo-song';
import type { BenchCase } from './bench.cases';
import { readApertures, readMeshApertures, walkPair } from './clip.reading';
import { percentile } from './curve.statistics';
import type { FaceSquare, IndependentDetector } from './independent.detector';

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

const SECONDS_OF_SONG = 24;
const RATE = 48_000;

/** Range of a mouth's openings without its rare extremes. */
function rangeOf(openings: readonly number[]): number {
  return percentile(openings, 0.98) - percentile(openings, 0.02);
}

/** Silence and music without a voice against speech: how much of its range the mouth still moves. */
export async function quietCases(
  kit: SpecialKit,
  bench: BenchCase,
  squares: readonly (FaceSquare | null)[],
  detector: IndependentDetector,
): Promise<SpecialRow[]> {
  const silence = join(kit.folder, 'silence.wav');
  const backing = join(kit.folder, 'backing.wav');
  const seconds = bench.frames / bench.format.fps;
  await ffmpeg(kit.tools, ['-f', 'lavfi', '-i', `anullsrc=r=${RATE}`, '-t', String(seconds), silence]);
  const raw = join(kit.folder, 'backing.f32');
  const { left, right } = playDemoBacking({ seconds: SECONDS_OF_SONG });
  const first = Math.round(8 * RATE);
  const count = Math.round(seconds * RATE);
  const mono = Float32Array.from(
    { length: count },
    (_, i) => ((left[first + i] ?? 0) + (right[first + i] ?? 0)) / 2,
  );
  await Bun.write(raw, mono);
  await ffmpeg(kit.tools, [
    '-f',
    'f32le',
    '-ar',
    String(RATE),
    '-ac',
    '1',
    '-i',
    raw,
    '-af',
    'volume=2',
    backing,
  ]);
  const rows: SpecialRow[] = [];
  let speech = { target: 1, measured: 1, mesh: 1 };
  for (const [sound, audioPath] of [
    ['speech', bench.audioPath],
    ['silence', silence],
    ['instruments', backing],
  ] as const) {
    const made = await kit.run({ ...bench, audioPath, vocalPath: null }, {});
    const source = { path: made.path, ...bench.format, frames: bench.frames };
    const measured = rangeOf(await readApertures(kit.tools.ffmpegPath, source, squares, detector));
    const target = rangeOf(made.target);
    const mesh = rangeOf(await readMeshApertures(kit.tools.ffmpegPath, source));
    if (sound === 'speech') speech = { target, measured, mesh };
    rows.push({
      ...{ clip: bench.name, sound },
      'wanted range': target.toFixed(3),
      'of speech': `${Math.round((100 * target) / speech.target)}%`,
      'measured range': measured.toFixed(3),
      'of measured speech': `${Math.round((100 * measured) / speech.measured)}%`,
      'range by the mesh': mesh.toFixed(3),
      'of speech by the mesh': `${Math.round((100 * mesh) / speech.mesh)}%`,
    });
  }
  return rows;
}

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
