import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { readProcessConfig } from '../api/config';
import { LipsyncOptionsSchema } from '../api/contract/lipsync.schema';
import { checkClip, checkSong } from '../api/media/check';
import { findPrograms } from '../api/media/ffmpeg.finder';
import { runFfmpeg } from '../api/media/ffmpeg.runner';
import type { MediaTools } from '../api/media/media.types';
import { mezzanineVideoArguments } from '../api/media/mezzanine.arguments';
import { normaliseClip } from '../api/media/normalise';
import { createLocalLipsyncProvider } from '../api/providers/local/lipsync/local.provider';
import { AppError } from '../api/shared/errors';
import { secondsToFrame } from '../api/shared/frames';
import { createLog } from '../api/shared/log';
import { giveUsualRights } from '../api/shared/private-files';
import { listenToStopSignals } from '../api/shared/stop-signals';
import { formatOf } from './lib/clip.format';
import { runCommand } from './lib/command-line';

const usage = `bun run lipsync -- --video a.mp4 --audio b.wav --out c.mp4
  [--vocal v.wav] [--start s] [--end s] [--temperature 0..1]
  [--active-speaker] [--occlusion] [--speaker x,y] [--json]
  --start/--end: the part of the sound (and, as long, of the video from its beginning) in seconds`;

await runCommand(async (usersUmask) => {
  const { values } = parseArgs({
    options: {
      video: { type: 'string' },
      audio: { type: 'string' },
      vocal: { type: 'string' },
      out: { type: 'string' },
      start: { type: 'string', default: '0' },
      end: { type: 'string' },
      temperature: { type: 'string' },
      'active-speaker': { type: 'boolean', default: false },
      occlusion: { type: 'boolean', default: false },
      speaker: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { video, audio, out } = values;
  if (video === undefined || audio === undefined || out === undefined) throw badUsage(usage);
  const options = v.safeParse(LipsyncOptionsSchema, {
    ...(values.temperature === undefined ? {} : { temperature: Number(values.temperature) }),
    active_speaker_detection: values['active-speaker'],
    occlusion_detection_enabled: values.occlusion,
    ...(values.speaker === undefined ? {} : { speaker: pointOf(values.speaker) }),
  });
  if (!options.success) throw badUsage(options.issues.map(({ message }) => message).join(' '));
  const start = secondsOf(values.start, '--start');
  const end = values.end === undefined ? undefined : secondsOf(values.end, '--end');
  if (end !== undefined && end <= start) throw badUsage('--end must be later than --start.');

  const config = readProcessConfig();
  const log = createLog('warn');
  const programs = await findPrograms({
    ffmpegBin: config.FFMPEG_BIN,
    ffprobeBin: config.FFPROBE_BIN,
    log,
    allowInstall: true,
  });
  const tools = { ...programs, log };
  const workDirectory = await mkdtemp(join(tmpdir(), 'songreel-lipsync-'));
  const stop = new AbortController();
  listenToStopSignals({ onStop: () => stop.abort() });
  try {
    const clip = await checkClip(tools, resolve(video), stop.signal);
    await checkSong(tools, resolve(audio), stop.signal);
    const format = formatOf(clip.video);
    const length = end === undefined ? undefined : Math.max(1, secondsToFrame(end - start, format.fps));
    const whole = Math.max(1, Math.round(clip.video.duration * format.fps));
    const take = await normaliseClip(
      tools,
      {
        sourcePath: resolve(video),
        info: clip,
        format,
        ...(length === undefined || length >= whole ? {} : { range: { inFrame: 0, outFrame: length } }),
        outputPath: join(workDirectory, 'take.mp4'),
      },
      { signal: stop.signal },
    );
    const seconds = take.frames / format.fps;
    const audioPath = await cutSound(tools, resolve(audio), start, seconds, join(workDirectory, 'slice.wav'));
    const vocalPath =
      values.vocal === undefined
        ? undefined
        : await cutSound(tools, resolve(values.vocal), start, seconds, join(workDirectory, 'vocal.wav'));
    const provider = createLocalLipsyncProvider({
      ffmpegPath: programs.ffmpegPath,
      videoEncodeArguments: (wanted) => mezzanineVideoArguments({ ...format, ...wanted, fps: format.fps }, 2),
    });
    const result = await provider.run(
      {
        jobId: 'command-line',
        videoPath: take.path,
        audioPath,
        ...(vocalPath === undefined ? {} : { vocalPath }),
        outputPath: resolve(out),
        workDirectory,
        ...format,
        frames: take.frames,
        options: options.output,
      },
      { signal: stop.signal, log, progress: values.json ? () => undefined : showProgress },
    );
    await giveUsualRights(resolve(out), usersUmask);
    if (values.json) console.log(JSON.stringify({ model: result.model, ...result.report }));
    else console.log(`\nWritten: ${out}`);
  } finally {
    await rm(workDirectory, { recursive: true, force: true });
  }
});

/** The sound of the part as WAV; a part beyond its end is refused, a shorter one ends in silence later. */
async function cutSound(
  tools: MediaTools,
  path: string,
  start: number,
  seconds: number,
  outputPath: string,
): Promise<string> {
  await runFfmpeg(tools, {
    step: 'Cut the sound',
    timeLimitSeconds: 600,
    args: [
      '-ss',
      String(start),
      '-t',
      String(seconds),
      '-i',
      path,
      '-vn',
      '-ar',
      '48000',
      '-f',
      'wav',
      outputPath,
    ],
  });
  return outputPath;
}

function showProgress(stage: string, fraction: number): void {
  process.stderr.write(`\r${stage.padEnd(12)} ${String(Math.round(fraction * 100)).padStart(3)} %`);
}

function secondsOf(text: string, name: string): number {
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds < 0) throw badUsage(`${name} must be a number of seconds.`);
  return seconds;
}

function pointOf(text: string): { x: number; y: number } {
  const [x = Number.NaN, y = Number.NaN] = text.split(',').map(Number);
  return { x, y };
}

function badUsage(message: string): AppError {
  return new AppError({ code: 'BadArguments', message });
}
