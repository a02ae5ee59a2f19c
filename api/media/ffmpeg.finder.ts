import { access, constants, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, errorMessage } from '../shared/errors';
import type { Log } from '../shared/log';
import type { Programs } from './media.types';

/** The download of a static ffmpeg is about 80 MB; a machine that is offline fails in 1 s. */
const installScriptLimitMs = 60_000;
const aptLimitMs = 300_000;

/** What the finder asks of the machine; replaced in tests by folders of their own. */
export type FinderMachine = {
  /** The file a name on PATH stands for. */
  which(name: string): string | null;
  /** Path of ffmpeg-static's program (which may not exist) and of its install script. */
  staticFfmpeg(): Promise<{ program: string; installScript: string } | null>;
  /** Path of @ffprobe-installer's program. */
  installedFfprobe(): Promise<string | null>;
  /** Exit code of a program, 'failed' when it cannot start or takes too long. */
  run(command: string[], limitMs: number): Promise<number | 'failed'>;
  /** True on Debian and its children, as root: apt-get can be used without asking. */
  canUseApt(): boolean;
};

export type FindOptions = {
  /** Settings FFMPEG_BIN and FFPROBE_BIN: used as they are, an error when they don't run. */
  ffmpegBin?: string | undefined;
  ffprobeBin?: string | undefined;
  log: Log;
  /** Whether something may be downloaded or installed. */
  allowInstall: boolean;
  machine?: FinderMachine;
};

/**
 * Finds ffmpeg and ffprobe. A static build is preferred: it starts in about 1 ms of processor
 * time where Debian's takes 62. Throws AppError FfmpegNotFound / FfprobeNotFound with what to do.
 */
export async function findPrograms(options: FindOptions): Promise<Programs> {
  const machine = options.machine ?? thisMachine;
  const ffmpegPath = await findFfmpeg(options, machine);
  const ffprobePath = await findFfprobe(options, machine, ffmpegPath);
  options.log.debug({ ffmpegPath, ffprobePath }, 'media_programs_found');
  return { ffmpegPath, ffprobePath };
}

async function findFfmpeg(options: FindOptions, machine: FinderMachine): Promise<string> {
  if (options.ffmpegBin !== undefined) return configured('FFMPEG_BIN', options.ffmpegBin, machine);
  const packaged = await machine.staticFfmpeg();
  if (packaged !== null) {
    if (options.allowInstall && !(await isFile(packaged.program)))
      await installStatic(packaged, options.log, machine);
    if (await works(packaged.program, machine)) return packaged.program;
  }
  const onPath = machine.which('ffmpeg');
  if (onPath !== null && (await works(onPath, machine))) return onPath;
  if (options.allowInstall && (await installWithApt(options.log, machine))) {
    const installed = machine.which('ffmpeg');
    if (installed !== null && (await works(installed, machine))) return installed;
  }
  throw notFound('ffmpeg', 'FFMPEG_BIN');
}

async function findFfprobe(
  options: FindOptions,
  machine: FinderMachine,
  ffmpegPath: string,
): Promise<string> {
  if (options.ffprobeBin !== undefined) return configured('FFPROBE_BIN', options.ffprobeBin, machine);
  const beside = join(dirname(ffmpegPath), 'ffprobe');
  const candidates = [beside, machine.which('ffprobe'), await machine.installedFfprobe()];
  for (const candidate of candidates) {
    if (candidate !== null && (await works(candidate, machine))) return candidate;
  }
  if (options.allowInstall && (await installWithApt(options.log, machine))) {
    const installed = machine.which('ffprobe');
    if (installed !== null && (await works(installed, machine))) return installed;
  }
  throw notFound('ffprobe', 'FFPROBE_BIN');
}

async function configured(setting: string, path: string, machine: FinderMachine): Promise<string> {
  if (await works(path, machine)) return path;
  throw new AppError({
    code: 'ProgramNotUsable',
    message: `${setting} names ${path}, which does not run. Correct the setting or remove it to let the program be found.`,
  });
}

function notFound(program: string, setting: string): AppError {
  return new AppError({
    code: program === 'ffmpeg' ? 'FfmpegNotFound' : 'FfprobeNotFound',
    message: `${program} was not found and could not be installed. Install it (Debian, Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg) or set ${setting} to its path.`,
  });
}

/**
 * Runs ffmpeg-static's own install script, once per checkout: a marker file beside it keeps an
 * offline machine from trying again at every start.
 */
async function installStatic(
  packaged: { program: string; installScript: string },
  log: Log,
  machine: FinderMachine,
): Promise<void> {
  try {
    const marker = await open(`${packaged.program}.install-tried`, 'wx');
    await marker.close();
  } catch (thrown) {
    log.debug({ reason: errorMessage(thrown) }, 'ffmpeg_static_install_skipped');
    return;
  }
  const outcome = await machine.run([process.execPath, packaged.installScript], installScriptLimitMs);
  log.info({ outcome }, 'ffmpeg_static_install_tried');
}

async function installWithApt(log: Log, machine: FinderMachine): Promise<boolean> {
  if (!machine.canUseApt()) return false;
  log.info({}, 'ffmpeg_apt_install_started');
  // An unreachable extra source makes update fail while the package can still be had.
  const updated = await machine.run(['apt-get', 'update', '-qq'], aptLimitMs);
  const installed = await machine.run(
    ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'ffmpeg'],
    aptLimitMs,
  );
  log.info({ updated, installed }, 'ffmpeg_apt_install_done');
  return installed === 0;
}

async function works(path: string, machine: FinderMachine): Promise<boolean> {
  return (await isFile(path)) && (await machine.run([path, '-version'], 10_000)) === 0;
}

async function isFile(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

const thisMachine: FinderMachine = {
  which: (name) => Bun.which(name),
  async staticFfmpeg() {
    try {
      const program: unknown = (await import('ffmpeg-static')).default;
      if (typeof program !== 'string') return null;
      return { program, installScript: join(dirname(program), 'install.js') };
    } catch {
      // An optional dependency: absent means "look further".
      return null;
    }
  },
  async installedFfprobe() {
    try {
      const installer: { path: string } = await import('@ffprobe-installer/ffprobe');
      return installer.path;
    } catch {
      // Optional too, and it throws on platforms it has no program for.
      return null;
    }
  },
  async run(command, limitMs) {
    try {
      const child = Bun.spawn(command, {
        stdin: 'ignore',
        stdout: 'ignore',
        stderr: 'ignore',
        timeout: limitMs,
        killSignal: 'SIGKILL',
      });
      const code = await child.exited;
      return child.signalCode === null ? code : 'failed';
    } catch {
      // Cannot be started at all: not a program, or not one of this machine's.
      return 'failed';
    }
  },
  canUseApt: () => process.platform === 'linux' && process.getuid?.() === 0 && Bun.which('apt-get') !== null,
};
