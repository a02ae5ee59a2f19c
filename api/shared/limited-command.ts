import { lowPriorityCommand } from './low-priority-command';

/** What a program that reads untrusted files may use. */
export type ProgramLimits = {
  /** Address space in bytes. */
  memoryBytes: number;
  /** Largest file that it may write, in bytes. */
  fileBytes?: number | undefined;
  /** Processor seconds, of all its threads together. */
  processorSeconds?: number | undefined;
};

/** Normalising an 8K clip to 4K works in half of it (tried with ffmpeg 5.1 and two threads). */
export const defaultMemoryBytes = 4 * 1024 ** 3;
/** Pipes, one input, one output and what the C library opens. */
const openFiles = 256;

/**
 * A command under the limits of the system, by the shell's own `ulimit`: the shell becomes the program
 * (`exec`), so its process id is the program's. Of the environment the program sees only where to find
 * programs and libraries: no token, no key. A limit that a system does not know is left out (macOS has none
 * on memory); Windows has no such shell, and the command is returned as it is. It runs at a low priority.
 */
export function limitedCommand(command: readonly string[], limits: ProgramLimits): string[] {
  if (process.platform === 'win32') return [...command];
  const set = (flag: string, value: number | undefined) =>
    value === undefined ? [] : [`ulimit -${flag} ${Math.max(1, Math.ceil(value))} 2>/dev/null`];
  const script = [
    'ulimit -c 0',
    ...set('n', openFiles),
    ...set('v', limits.memoryBytes / 1024),
    // POSIX counts files in blocks of 512 bytes.
    ...set('f', limits.fileBytes === undefined ? undefined : limits.fileBytes / 512),
    ...set('t', limits.processorSeconds),
    'exec env -i PATH="$PATH" LD_LIBRARY_PATH="$LD_LIBRARY_PATH" TMPDIR="$TMPDIR" "$@"',
  ].join('; ');
  return lowPriorityCommand(['/bin/sh', '-c', script, 'sh', ...command]);
}
