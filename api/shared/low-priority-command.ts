/**
 * Linux gives a program of this niceness a tenth of the time that one of niceness 0 gets where both want
 * the same core (weights 110 and 1024), and all of it where nobody else does.
 */
const NICENESS = 10;

/**
 * A command that leaves the processor to whoever answers people: work on media takes every core for
 * minutes, and requests must not wait for it. `nice` becomes the program, so its process id is the program's;
 * where a system has no `nice`, the command is returned as it is.
 */
export function lowPriorityCommand(command: readonly string[]): string[] {
  const nice = Bun.which('nice');
  return nice === null ? [...command] : [nice, '-n', String(NICENESS), ...command];
}
