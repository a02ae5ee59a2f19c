import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import type { Format } from '../../api/contract/format.schema';
import { runFfmpeg } from '../../api/media/ffmpeg.runner';
import type { MediaTools } from '../../api/media/media.types';
import { normaliseClip } from '../../api/media/normalise';
import { prepareSong } from '../../api/media/song';
import { makeSong } from '../../api/media/testing/sound';
import { AppError } from '../../api/shared/errors';
import { measureProcesses } from './lipsync/process.meter';
import { benchTools, inMebibytes, inSeconds, median, printTable, timed } from './media/bench.table';
import { checkExactness } from './media/compose.exactness';

const format: Format = { width: 1280, height: 720, fps: 24 };
const secondsPerScene = 5;
const ResultSchema = v.object({ milliseconds: v.number(), frames: v.number(), mostBytes: v.number() });

/**
 * Compose of 60 scenes of 5 s at 720p24 with the song: all takes ready, one scene changed, and all
 * from their sources, against one ffmpeg process that does everything (veryfast) and against `cp`.
 * `--scenes N` (0: only the exactness), `--cold N` (scenes of the cold comparison, default 12; 0: none),
 * `--repeat N` (default 5), `--exact N` (mixed scenes whose every frame is looked at, default 60; 0: none).
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      scenes: { type: 'string', default: '60' },
      cold: { type: 'string', default: '12' },
      repeat: { type: 'string', default: '5' },
      exact: { type: 'string', default: '60' },
    },
  });
  const scenes = wholeNumber('scenes', values.scenes, 0);
  const cold = wholeNumber('cold', values.cold, 0);
  const repeat = wholeNumber('repeat', values.repeat, 1);
  const exact = wholeNumber('exact', values.exact, 0);
  const tools = await benchTools();
  const folder = await mkdtemp(join(tmpdir(), 'songreel-bench-compose-'));
  try {
    if (exact > 0) await checkExactness(tools, folder, exact);
    if (scenes === 0) return;
    const sources = await makeSources(tools, folder, Math.max(scenes, cold));
    const takes = await makeTakes(tools, folder, sources.slice(0, scenes));
    const song = await songOf(tools, folder, scenes * secondsPerScene + 7);
    const equal = await songOf(tools, folder, scenes * secondsPerScene);
    const outputPath = join(folder, 'final.mp4');
    const order = { ...song, format, folder, outputPath };

    const alone = await repeated(repeat, () => composeOnce({ ...order, ...equal, clips: takes, hashed: [] }));
    const warm = await repeated(repeat, () => composeOnce({ ...order, clips: takes, hashed: [] }));
    const copy = await repeated(repeat, async () => {
      const { milliseconds } = await timed(() => copyFile(outputPath, join(folder, 'copy.mp4')));
      return { milliseconds, cpuSeconds: 0, peakBytes: 0, frames: warm.frames };
    });
    const changed = await repeated(repeat, () =>
      composeOnce({
        ...order,
        clips: [...takes.slice(1), sources[0] ?? ''],
        hashed: sources.slice(0, scenes),
      }),
    );
    const coldRows = cold === 0 ? [] : await compareCold(tools, order, sources.slice(0, cold));
    printTable(
      ['work', 'wall (median)', 'processor', 'peak of all processes', 'against'],
      [
        row(`${scenes} takes ready: join with a song of their length`, alone, `${ratio(alone, copy)} × cp`),
        row(`${scenes} takes ready: join, fade a longer song out`, warm, `${ratio(warm, copy)} × cp`),
        row('cp of the result', copy, ''),
        row(`1 of ${scenes} scenes changed: hash all, normalise 1, join`, changed, ''),
        ...coldRows,
      ],
    );
    console.log(
      `frames: ${warm.frames} of ${scenes * secondsPerScene * format.fps}; bounds: join ≤ 8 × cp and ≤ 64 MiB, one changed ≤ 2.5 s, cold ≤ 0.9 × one ffmpeg`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An option's value. @throws AppError `BadUsage` for anything but a whole number from `least` on */
function wholeNumber(option: string, value: string, least: number): number {
  if (/^\d{1,6}$/.test(value) && Number(value) >= least) return Number(value);
  throw new AppError({
    code: 'BadUsage',
    message: `--${option} ${value} is no whole number from ${least} to 999999.`,
  });
}

/** All from their sources, against one ffmpeg process that does the same. */
async function compareCold(
  tools: MediaTools,
  order: { format: Format; folder: string; outputPath: string },
  sources: string[],
): Promise<string[][]> {
  const { folder } = order;
  const song = await songOf(tools, folder, sources.length * secondsPerScene + 7);
  const ours = await composeOnce({ ...order, ...song, clips: sources, hashed: [] });
  const baseline = await oneProcess(tools, sources, song.masterPath, join(folder, 'one.mp4'));
  return [
    row(`cold, ${sources.length} scenes: normalise all, join`, ours, `${ratio(ours, baseline)} × one ffmpeg`),
    row(`one ffmpeg veryfast, ${sources.length} scenes`, baseline, '1'),
  ];
}

type Measured = { milliseconds: number; cpuSeconds: number; peakBytes: number; frames: number };

/** Six different clips (sizes and rates that cameras have), then copies of them. */
async function makeSources(tools: MediaTools, folder: string, count: number): Promise<string[]> {
  const kinds = [
    '1280x720:25',
    '1280x720:24',
    '1280x720:30',
    '1920x1080:25',
    '720x1280:30',
    '1280x720:30000/1001',
  ];
  const sources: string[] = [];
  for (let index = 0; index < count; index++) {
    const path = join(folder, `source-${index}.mp4`);
    const [size, rate] = (kinds[index % kinds.length] ?? '').split(':');
    if (index >= kinds.length) await copyFile(join(folder, `source-${index % kinds.length}.mp4`), path);
    else {
      // Drawn at half the size: the takes then have the bits of a person talking (1.2 MB for 5 s at
      // 720p); testsrc2 at full size has nearly twice as many.
      const [width, height] = (size ?? '').split('x').map(Number);
      const half = `${(width ?? 0) / 2}x${(height ?? 0) / 2}`;
      const picture = `testsrc2=size=${half}:rate=${rate}:duration=${secondsPerScene},scale=${width}:${height}:flags=bicubic,hue=h=${index * 60}`;
      const encode = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', path];
      await runFfmpeg(tools, {
        step: 'Make a source',
        args: ['-f', 'lavfi', '-i', picture, ...encode],
        timeLimitSeconds: 120,
      });
    }
    sources.push(path);
  }
  return sources;
}

/** Normalises each kind once; the copies' takes are copies too. */
async function makeTakes(tools: MediaTools, folder: string, sources: string[]): Promise<string[]> {
  const takes: string[] = [];
  for (const [index, sourcePath] of sources.entries()) {
    const outputPath = join(folder, `take-${index}.mp4`);
    if (index >= 6) await copyFile(join(folder, `take-${index % 6}.mp4`), outputPath);
    else await normaliseClip(tools, { sourcePath, format, outputPath });
    takes.push(outputPath);
  }
  return takes;
}

async function songOf(tools: MediaTools, folder: string, seconds: number) {
  const sourcePath = join(folder, `song-${seconds}.wav`);
  await makeSong(sourcePath, seconds);
  const [masterPath, aacPath] = [
    join(folder, `master-${seconds}.wav`),
    join(folder, `master-${seconds}.m4a`),
  ];
  await prepareSong(tools, { sourcePath, wavPath: masterPath, aacPath });
  return { masterPath, aacPath };
}

async function composeOnce(order: Record<string, unknown>): Promise<Measured> {
  const { result, use } = await measureProcesses(async () => {
    const program = join(import.meta.dir, 'media', 'compose.once.ts');
    const child = Bun.spawn([process.execPath, program, JSON.stringify(order)], {
      stdout: 'pipe',
      stderr: 'inherit',
    });
    const text = await new Response(child.stdout).text();
    // Its processor time is counted once it has ended.
    await child.exited;
    return v.parse(ResultSchema, JSON.parse(text));
  });
  // A join may be over between two looks at the memory: its process says the most that it had itself.
  return { ...result, ...use, peakBytes: Math.max(use.peakBytes, result.mostBytes) };
}

/** What one ffmpeg process needs for the same: every clip fitted, all concatenated, song encoded. */
async function oneProcess(
  tools: MediaTools,
  sources: string[],
  song: string,
  outputPath: string,
): Promise<Measured> {
  const fit = `fps=${format.fps},scale=${format.width}:${format.height}:force_original_aspect_ratio=decrease:flags=bicubic,pad=${format.width}:${format.height}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p`;
  const chains = sources.map((_, index) => `[${index}:v]${fit}[v${index}]`).join(';');
  const joined = `${sources.map((_, index) => `[v${index}]`).join('')}concat=n=${sources.length}:v=1:a=0[v]`;
  const { result, use } = await measureProcesses(() =>
    timed(() =>
      runFfmpeg(tools, {
        step: 'Compose in one process',
        args: [
          ...[...sources, song].flatMap((path) => ['-i', path]),
          ...[
            '-filter_complex',
            `${chains};${joined}`,
            '-map',
            '[v]',
            '-map',
            `${sources.length}:a`,
            '-shortest',
          ],
          ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-c:a', 'aac', '-b:a', '192k'],
          ...['-movflags', '+faststart', outputPath],
        ],
        timeLimitSeconds: 1800,
      }),
    ),
  );
  return { milliseconds: result.milliseconds, ...use, frames: result.result.frames };
}

async function repeated(times: number, work: () => Promise<Measured>): Promise<Measured> {
  const all: Measured[] = [];
  for (let time = 0; time < times; time++) all.push(await work());
  return {
    milliseconds: median(all.map((one) => one.milliseconds)),
    cpuSeconds: median(all.map((one) => one.cpuSeconds)),
    peakBytes: Math.max(...all.map((one) => one.peakBytes)),
    frames: all[0]?.frames ?? 0,
  };
}

const row = (work: string, measured: Measured, against: string) => [
  work,
  inSeconds(measured.milliseconds),
  `${measured.cpuSeconds.toFixed(2)} s`,
  inMebibytes(measured.peakBytes),
  against,
];

const ratio = (one: Measured, other: Measured) => (one.milliseconds / other.milliseconds).toFixed(2);
