import { basename } from 'node:path';
import { errorMessage } from '../shared/errors';
import { defaultMemoryBytes, limitedCommand } from '../shared/limited-command';
import { commonArguments } from './ffmpeg.arguments';
import { createProgressReader, type FfmpegProgress } from './ffmpeg.progress';
import { killOnParentExit } from './kill-on-parent-exit';
import { needsTooMuch, outputTooLarge, programFailed, programKilled, timeLimitReached } from './media.errors';
import type { MediaTools } from './media.types';

/** Lines of stderr that are kept for the error; ffmpeg can print thousands on a damaged file. */
const keptLines = 20;
/** After SIGTERM ffmpeg closes its file; a stuck one is killed, so that all is gone within 1 s. */
const killAfterMs = 400;

/** What others send. A program that a file makes crash ends by a signal as well (SIGSEGV, SIGABRT …). */
const outsideSignals = new Set<string>(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']);

export type RunOptions = {
  /** What the run does, in words for people: "Trim the clip". */
  step: string;
  /** Everything after the common flags: inputs, filters, outputs. */
  args: string[];
  signal?: AbortSignal | undefined;
  timeLimitSeconds: number;
  /** The run is stopped when its output grows past this. */
  maxOutputBytes?: number | undefined;
  /** Folder in which relative names are resolved. */
  workDirectory?: string | undefined;
  onProgress?: ((progress: FfmpegProgress) => void) | undefined;
};

export type RunResult = FfmpegProgress & {
  /** What ffmpeg complained about without failing: damage in the source, mostly. */
  warnings: string[];
};

/**
 * Runs ffmpeg to its end. Throws AppError MediaStepFailed (with ffmpeg's last lines, no paths),
 * MediaStepTimedOut, MediaOutputTooLarge or MediaProgramKilled (retryable), and the signal's own reason when aborted; the process
 * is gone when this returns or throws.
 */
export async function runFfmpeg(tools: MediaTools, options: RunOptions): Promise<RunResult> {
  let last: FfmpegProgress = { frames: 0, seconds: 0, bytes: 0 };
  let stop: (reason: Error) => void = () => undefined;
  const read = createProgressReader((progress) => {
    last = progress;
    options.onProgress?.(progress);
    if (options.maxOutputBytes !== undefined && progress.bytes > options.maxOutputBytes) {
      stop(outputTooLarge(options.step, options.maxOutputBytes));
    }
  });
  const decoder = new TextDecoder();
  const { warnings } = await runProgram({
    ...options,
    program: 'ffmpeg',
    tools,
    path: tools.ffmpegPath,
    args: [...commonArguments(), ...options.args],
    onStart: (stopper) => {
      stop = stopper;
    },
    onStdout: (chunk) => read(decoder.decode(chunk, { stream: true })),
  });
  if (warnings.length > 0) {
    tools.log.warn({ step: options.step, warnings: warnings.slice(-5) }, 'ffmpeg_complained');
  }
  return { ...last, warnings };
}

/** Runs ffprobe and returns what it printed. Same errors as runFfmpeg. */
export async function runFfprobe(
  tools: MediaTools,
  options: Pick<RunOptions, 'step' | 'args' | 'signal' | 'timeLimitSeconds'>,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  await runProgram({
    ...options,
    program: 'ffprobe',
    tools,
    path: tools.ffprobePath,
    args: ['-hide_banner', '-v', 'error', ...options.args],
    onStart: () => undefined,
    onStdout: (chunk) => chunks.push(chunk),
  });
  return Buffer.concat(chunks).toString('utf8');
}

type ProgramRun = Omit<RunOptions, 'onProgress'> & {
  program: string;
  tools: MediaTools;
  path: string;
  onStart: (stop: (reason: Error) => void) => void;
  onStdout: (chunk: Uint8Array) => void;
};

async function runProgram(run: ProgramRun): Promise<{ warnings: string[] }> {
  run.signal?.throwIfAborted();
  const started = performance.now();
  const child = start(run);
  const guard = killOnParentExit(child.pid);
  let stopReason: unknown;
  let killTimer: Timer | undefined;
  const stop = (reason: unknown) => {
    if (stopReason !== undefined || child.exitCode !== null) return;
    stopReason = reason;
    child.kill('SIGTERM');
    killTimer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  };
  const onAbort = () => stop(run.signal?.reason ?? new DOMException('Aborted', 'AbortError'));
  run.signal?.addEventListener('abort', onAbort, { once: true });
  const limit = setTimeout(
    () => stop(timeLimitReached(run.step, run.timeLimitSeconds)),
    run.timeLimitSeconds * 1000,
  );
  run.onStart(stop);
  try {
    const [warnings] = await Promise.all([readLines(child.stderr), readAll(child.stdout, run.onStdout)]);
    const exitCode = await child.exited;
    if (stopReason !== undefined) throw stopReason;
    const lines = warnings.map(withoutPaths);
    const { signalCode } = child;
    if (signalCode !== null && outsideSignals.has(String(signalCode))) {
      throw programKilled(run.program, run.step, String(signalCode));
    }
    const told = lines.join('\n');
    if (run.maxOutputBytes !== undefined && (signalCode === 'SIGXFSZ' || /File too large/.test(told))) {
      throw outputTooLarge(run.step, run.maxOutputBytes);
    }
    if (exitCode !== 0 && /Cannot allocate memory|Out of memory/i.test(told)) throw needsTooMuch(run.step);
    if (exitCode !== 0) throw programFailed(run.program, run.step, exitCode, lines);
    return { warnings: lines };
  } catch (thrown) {
    // A throwing progress callback must not leave the process behind.
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      await child.exited;
    }
    throw thrown;
  } finally {
    const seconds = (performance.now() - started) / 1000;
    run.tools.onRun?.({ program: run.program, step: run.step, seconds });
    guard.dismiss();
    clearTimeout(limit);
    clearTimeout(killTimer);
    run.signal?.removeEventListener('abort', onAbort);
  }
}

/** The system's own limit lies a little beyond the one that is watched by the program's reports. */
const fileLimit = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes * 1.1 + 1_000_000);

function start(run: ProgramRun) {
  const command = limitedCommand([run.path, ...run.args], {
    memoryBytes: run.tools.memoryBytes ?? defaultMemoryBytes,
    fileBytes: fileLimit(run.maxOutputBytes),
  });
  try {
    // The shell that sets the limits would only say "not found".
    if (Bun.which(run.path) === null) throw new Error(`Executable not found: ${run.path}`);
    return Bun.spawn(command, {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      ...(run.workDirectory === undefined ? {} : { cwd: run.workDirectory }),
    });
  } catch (thrown) {
    throw programFailed(run.program, run.step, null, [withoutPaths(errorMessage(thrown))]);
  }
}

async function readAll(
  stream: ReadableStream<Uint8Array>,
  onChunk: (chunk: Uint8Array) => void,
): Promise<void> {
  for await (const chunk of stream) onChunk(chunk);
}

/** The last lines of a stream; memory stays bounded however much is printed. */
async function readLines(stream: ReadableStream<Uint8Array>): Promise<string[]> {
  const decoder = new TextDecoder();
  let lines: string[] = [];
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split(/[\r\n]+/);
    rest = (parts.pop() ?? '').slice(-2000);
    lines = [...lines, ...parts.filter((line) => line.trim() !== '')].slice(-keptLines);
  }
  return rest.trim() === '' ? lines : [...lines, rest].slice(-keptLines);
}

/** Folders of the server are nobody's business: a path in a message becomes the file's name. */
export function withoutPaths(line: string): string {
  return line
    .replace(/(?:file:)?(?:\/[^\s'":,]+)+/g, (path) => basename(path))
    .replace(/\[[\w,#.: ]+ @ 0x[0-9a-f]+\] /g, '')
    .trim();
}
