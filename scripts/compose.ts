import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { readProcessConfig } from '../api/config';
import { type Format, FormatSchema, frameRates } from '../api/contract/format.schema';
import { checkClip } from '../api/media/check';
import { composeVideo } from '../api/media/compose';
import { findPrograms } from '../api/media/ffmpeg.finder';
import { makeJoinable } from '../api/media/joinable';
import type { VideoTrackInfo } from '../api/media/media.types';
import { prepareSong } from '../api/media/song';
import { AppError } from '../api/shared/errors';
import { createLog } from '../api/shared/log';
import { giveUsualRights } from '../api/shared/private-files';
import { listenToStopSignals } from '../api/shared/stop-signals';
import { runCommand } from './lib/command-line';

const usage = `bun run compose -- --out final.mp4 --audio song.wav [--size 720x1280] [--fps 24|25|30] a.mp4 b.mp4 …
  Puts clips and song together. Clips that are not in the format yet are normalised first.
  Without --size and --fps the first clip says what the video is like.`;

await runCommand(async (usersUmask) => {
  const { values, positionals: clips } = readArguments();
  const { out, audio } = values;
  if (out === undefined || audio === undefined || clips.length === 0) throw badUsage(usage);
  for (const path of [audio, ...clips]) {
    if (!(await Bun.file(path).exists())) throw badUsage(`There is no file ${path}.`);
  }
  if ([audio, ...clips].some((path) => resolve(path) === resolve(out))) {
    throw badUsage('--out must not be one of the inputs.');
  }
  const config = readProcessConfig();
  const log = createLog('warn');
  const programs = await findPrograms({
    ffmpegBin: config.FFMPEG_BIN,
    ffprobeBin: config.FFPROBE_BIN,
    log,
    allowInstall: true,
  });
  const tools = { ...programs, log };
  const controller = new AbortController();
  const { signal } = controller;
  listenToStopSignals({ onStop: () => controller.abort() });

  const folder = await mkdtemp(join(tmpdir(), 'songreel-compose-'));
  try {
    const started = performance.now();
    const first = await checkClip(tools, clips[0] ?? '', signal);
    const format = readFormat(values.size, values.fps, first.video);
    console.error(`${clips.length} clips → ${format.width}x${format.height}, ${format.fps} fps`);
    const song = await prepareSong(
      tools,
      { sourcePath: audio, wavPath: join(folder, 'song.wav'), aacPath: join(folder, 'song.m4a') },
      { signal },
    );
    console.error(`song ready: ${song.duration.toFixed(3)} s (${since(started)})`);
    const onProgress = (fraction: number) =>
      console.error(`normalised ${Math.round(fraction * 100)} % (${since(started)})`);
    const takes = await makeJoinable(tools, { paths: clips, format, folder }, { signal, onProgress });
    const made = await composeVideo(
      tools,
      {
        takePaths: takes.paths,
        song: { masterPath: song.wavPath, aacPath: song.aacPath },
        format,
        outputPath: out,
        workDirectory: folder,
      },
      { signal },
    );
    await giveUsualRights(out, usersUmask);
    const endings = {
      cut: 'song cut with a fade',
      silence: 'silence after the song',
      'as-is': 'song as long as the video',
    };
    console.log(
      `${out}: ${made.frames} frames, ${(made.frames / format.fps).toFixed(3)} s, ${(made.bytes / 1e6).toFixed(1)} MB; ` +
        `${takes.normalised} of ${clips.length} clips normalised; ${endings[made.ending]}; ${since(started)}`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        out: { type: 'string' },
        audio: { type: 'string' },
        size: { type: 'string' },
        fps: { type: 'string' },
      },
    });
  } catch (thrown) {
    throw badUsage(`${thrown instanceof Error ? thrown.message : String(thrown)}\n${usage}`);
  }
}

/** What was asked for; where nothing was, what the first clip is nearest to. */
function readFormat(size: string | undefined, fps: string | undefined, first: VideoTrackInfo): Format {
  const given = /^(\d+)x(\d+)$/.exec(size ?? '');
  if (size !== undefined && given === null)
    throw badUsage(`--size ${size} is no size: write it as 720x1280.`);
  const even = (side: number) => Math.min(4096, Math.max(128, 2 * Math.round(side / 2)));
  const nearest = [...frameRates].sort((a, b) => Math.abs(a - first.fps) - Math.abs(b - first.fps))[0];
  const format = v.safeParse(FormatSchema, {
    width: given ? Number(given[1]) : even(first.displayWidth),
    height: given ? Number(given[2]) : even(first.displayHeight),
    fps: fps === undefined ? nearest : Number(fps),
  });
  if (format.success) return format.output;
  throw badUsage(format.issues.map((issue) => issue.message).join(' '));
}

function since(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(2)} s`;
}

function badUsage(message: string): AppError {
  return new AppError({ code: 'BadUsage', message });
}
