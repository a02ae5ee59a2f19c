import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Format } from '../../api/contract/format.schema';
import { checkClip } from '../../api/media/check';
import { runFfmpeg } from '../../api/media/ffmpeg.runner';
import type { MediaTools } from '../../api/media/media.types';
import { normaliseClip } from '../../api/media/normalise';
import { makeNumberedClip, type NumberedClip, readFrameNumbers } from '../../api/media/testing/numbered-clip';
import { benchTools, inSeconds, median, printTable, seededRandom, timed } from './media/bench.table';

/**
 * Trim of a 5 s clip at 720p24 to [1 s, 4 s] against ffmpeg with the usual settings (medium) and the
 * usual seeking, and exactness: random in/out pairs on clips of several kinds.
 * `--pairs N` (default 200), `--repeat N`, `--clip FILE` to take the time on another clip.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      pairs: { type: 'string', default: '200' },
      repeat: { type: 'string', default: '5' },
      clip: { type: 'string' },
    },
  });
  const tools = await benchTools();
  const folder = await mkdtemp(join(tmpdir(), 'songreel-bench-trim-'));
  try {
    await timeTrims(tools, folder, Number(values.repeat), values.clip);
    await countExact(tools, folder, Number(values.pairs));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function timeTrims(
  tools: MediaTools,
  folder: string,
  repeat: number,
  clip: string | undefined,
): Promise<void> {
  const format: Format = { width: 1280, height: 720, fps: 24 };
  const sourcePath = clip ?? join(folder, 'source.mp4');
  if (clip === undefined) {
    const input = ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25:duration=5'];
    const encode = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', sourcePath];
    await runFfmpeg(tools, { step: 'Make a clip', args: [...input, ...encode], timeLimitSeconds: 120 });
  }
  const info = await checkClip(tools, sourcePath);
  const outputPath = join(folder, 'trim.mp4');
  const ours: number[] = [];
  const usual: number[] = [];
  const plain = ['-i', sourcePath, '-ss', '1', '-to', '4', '-c:v', 'libx264', join(folder, 'usual.mp4')];
  for (let time = 0; time < repeat; time++) {
    const range = { inFrame: 24, outFrame: 96 };
    const trim = await timed(() => normaliseClip(tools, { sourcePath, info, format, outputPath, range }));
    const other = await timed(() =>
      runFfmpeg(tools, { step: 'Trim plainly', args: plain, timeLimitSeconds: 120 }),
    );
    ours.push(trim.milliseconds);
    usual.push(other.milliseconds);
  }
  printTable(
    ['trim to [1 s, 4 s]', 'wall (median)', 'against'],
    [
      [
        're-encode from the source by frame',
        inSeconds(median(ours)),
        (median(ours) / median(usual)).toFixed(2),
      ],
      ['ffmpeg -ss -to, medium (the frames it gives differ)', inSeconds(median(usual)), '1'],
    ],
  );
}

async function countExact(tools: MediaTools, folder: string, pairs: number): Promise<void> {
  const format: Format = { width: 320, height: 180, fps: 24 };
  const base: NumberedClip = { width: 320, height: 180, fps: 25, frames: 125 };
  const kinds: Record<string, Partial<NumberedClip>> = {
    'h264, B-frames, 25': { codec: ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3'] },
    'h264 29.97': { fps: '30000/1001', frames: 150 },
    'hevc 60': {
      fps: 60,
      frames: 300,
      codec: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=0'],
    },
    'uneven times': {
      filters: ['settb=1/12800', "setpts='(N+0.45*sin(N))/25/TB'"],
      flags: ['-fps_mode', 'passthrough', '-enc_time_base', '1/12800'],
    },
  };
  const random = seededRandom(7);
  const rows: string[][] = [];
  for (const [name, kind] of Object.entries(kinds)) {
    const sourcePath = join(folder, 'numbered.mp4');
    await makeNumberedClip(tools, sourcePath, { ...base, ...kind });
    const info = await checkClip(tools, sourcePath);
    const whole = await normaliseClip(tools, {
      sourcePath,
      info,
      format,
      outputPath: join(folder, 'whole.mp4'),
    });
    const numbers = await readFrameNumbers(tools, whole.path);
    let exact = 0;
    const wanted = Math.ceil(pairs / Object.keys(kinds).length);
    for (let pair = 0; pair < wanted; pair++) {
      const inFrame = Math.floor(random() * (whole.frames - 1));
      const outFrame = inFrame + 1 + Math.floor(random() * (whole.frames - inFrame));
      const range = { inFrame, outFrame: Math.min(outFrame, whole.frames) };
      const trim = await normaliseClip(tools, {
        sourcePath,
        info,
        format,
        outputPath: join(folder, 'pair.mp4'),
        range,
      });
      const shown = await readFrameNumbers(tools, trim.path);
      if (shown.join() === numbers.slice(range.inFrame, range.outFrame).join()) exact += 1;
    }
    rows.push([name, `${exact} of ${wanted}`]);
  }
  printTable(['random in/out pairs', 'exact to the frame'], rows);
}
