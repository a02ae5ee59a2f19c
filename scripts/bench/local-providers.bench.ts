import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createCanvas } from '@napi-rs/canvas';
import { runFfmpeg } from '../../api/media/ffmpeg.runner';
import type { MediaTools } from '../../api/media/media.types';
import { mezzanineVideoArguments } from '../../api/media/mezzanine.arguments';
import { createLocalImageProvider } from '../../api/providers/local/image/local-image.provider';
import { createLocalVideoProvider } from '../../api/providers/local/video/local-video.provider';
import { measureProcesses } from './lipsync/process.meter';
import { benchTools, inSeconds, median, printTable, timed } from './media/bench.table';

const size = { width: 1280, height: 720 } as const;
const format = { ...size, fps: 25 } as const;
const seconds = 6;
const frames = seconds * format.fps;

/**
 * The local providers: how long a card takes, a 6 s clip at 720p against real time and against ffmpeg's
 * zoompan, and how steadily each of the two moves. `--repeat N` (default 3).
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { repeat: { type: 'string', default: '3' } } });
  const repeat = Number(values.repeat);
  const tools = await benchTools();
  const folder = await mkdtemp(join(tmpdir(), 'songreel-bench-providers-'));
  try {
    const dot = join(folder, 'dot.png');
    await Bun.write(dot, dotPicture());
    const card = await repeated(repeat, () => makeCard(tools, folder));
    const ours = join(folder, 'ours.mp4');
    const theirs = join(folder, 'zoompan.mp4');
    const picture = join(folder, 'card.jpg');
    const clip = await repeated(repeat, () => makeClip(tools, folder, picture, join(folder, 'clip.mp4')));
    const zoompan = await repeated(repeat, () => makeZoompan(tools, picture, join(folder, 'clip.mp4')));
    await makeClip(tools, folder, dot, ours);
    await makeZoompan(tools, dot, theirs);
    const row = (work: string, { milliseconds, cpuSeconds }: Measured, length: number | null) => [
      ...[work, inSeconds(milliseconds), length === null ? '' : (milliseconds / 1000 / length).toFixed(2)],
      `${cpuSeconds.toFixed(2)} s`,
    ];
    printTable(
      ['work', 'wall (median)', '× real time', 'processor'],
      [
        row('a storyboard card, 1920×1080, with its process', card, null),
        row(`${seconds} s of camera over an image, 720p25`, clip, seconds),
        row('the same by ffmpeg zoompan', zoompan, seconds),
      ],
    );
    printTable(
      ['slow push in on a dot', 'jitter (deviation of the second difference)', 'largest'],
      [
        ['songreel', ...(await jitter(tools, ours))],
        ['zoompan', ...(await jitter(tools, theirs))],
      ],
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Measured = { milliseconds: number; cpuSeconds: number };

async function repeated(times: number, work: () => Promise<unknown>): Promise<Measured> {
  const all: Measured[] = [];
  for (let time = 0; time < times; time++) {
    const { result, use } = await measureProcesses(() => timed(work));
    all.push({ milliseconds: result.milliseconds, cpuSeconds: use.cpuSeconds });
  }
  return {
    milliseconds: median(all.map((one) => one.milliseconds)),
    cpuSeconds: median(all.map((one) => one.cpuSeconds)),
  };
}

/** A soft dot off the middle on grey, with texture around it so that the encoder has work. */
function dotPicture(): Buffer {
  const canvas = createCanvas(1600, 900);
  const brush = canvas.getContext('2d');
  brush.fillStyle = '#202020';
  brush.fillRect(0, 0, 1600, 900);
  const glow = brush.createRadialGradient(520, 300, 0, 520, 300, 14);
  glow.addColorStop(0, '#fff');
  glow.addColorStop(1, '#202020');
  brush.fillStyle = glow;
  brush.fillRect(500, 280, 40, 40);
  return canvas.toBuffer('image/png');
}

const quiet = (tools: MediaTools) => ({
  signal: new AbortController().signal,
  progress: () => undefined,
  log: tools.log,
});

const makeCard = (tools: MediaTools, folder: string) =>
  createLocalImageProvider().run(
    {
      jobId: 'bench',
      prompt: 'Neon city street in the rain, close-up of a singer',
      negativePrompt: '',
      ...size,
      seed: 1,
      references: [],
      caption: { title: 'Bench', sequence: 1 },
      outputPath: join(folder, 'card.jpg'),
      workDirectory: folder,
    },
    quiet(tools),
  );

const makeClip = (tools: MediaTools, folder: string, imagePath: string, outputPath: string) =>
  createLocalVideoProvider({
    ffmpegPath: tools.ffmpegPath,
    videoEncodeArguments: () => mezzanineVideoArguments(format, 2),
  }).run(
    {
      jobId: 'bench',
      prompt: 'slow push in',
      negativePrompt: '',
      imagePath,
      lastImagePath: null,
      ...format,
      frames,
      seed: 1,
      references: [],
      outputPath,
      workDirectory: folder,
    },
    quiet(tools),
  );

/** The usual way, with the same encoder: zoompan on the picture as it is. */
const makeZoompan = (tools: MediaTools, imagePath: string, output: string) =>
  runFfmpeg(tools, {
    step: 'Zoom and pan',
    args: [
      ...['-i', imagePath, '-vf'],
      `zoompan=z='1+0.08*on/${frames}':x='(iw-iw/zoom)/2':y='(ih-ih/zoom)/2':d=${frames}:s=${size.width}x${size.height}:fps=${format.fps},format=yuv420p`,
      ...[...mezzanineVideoArguments(format, 2), '-frames:v', String(frames), '-an', '-f', 'mp4', output],
    ],
    timeLimitSeconds: 120,
  });

/** How unevenly the dot moves: second differences of its middle, in pixels. A smooth move has next to none. */
async function jitter(tools: MediaTools, path: string): Promise<[string, string]> {
  const args = ['-v', 'error', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'gray', '-'];
  const child = Bun.spawn([tools.ffmpegPath, ...args], { stdout: 'pipe' });
  const data = await new Response(child.stdout).bytes();
  const area = size.width * size.height;
  const centres = Array.from({ length: frames }, (_, frame) =>
    middle(data.subarray(frame * area, (frame + 1) * area)),
  );
  const jerks = centres.slice(2).flatMap((centre, index) => {
    const [one, two] = [centres[index], centres[index + 1]];
    if (one === undefined || two === undefined) return [];
    return [centre.x - 2 * two.x + one.x, centre.y - 2 * two.y + one.y];
  });
  const deviation = Math.sqrt(jerks.reduce((sum, jerk) => sum + jerk ** 2, 0) / jerks.length);
  const largest = Math.max(...jerks.map(Math.abs));
  return [`${deviation.toFixed(3)} px`, `${largest.toFixed(3)} px`];
}

function middle(luma: Uint8Array): { x: number; y: number } {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (const [index, value] of luma.entries()) {
    const light = value - 60;
    if (light <= 0) continue;
    sum += light;
    sumX += light * (index % size.width);
    sumY += light * Math.floor(index / size.width);
  }
  return { x: sumX / sum, y: sumY / sum };
}
