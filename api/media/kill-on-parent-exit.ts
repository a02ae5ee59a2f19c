/**
 * Ends a program when this process is gone. ffmpeg does not notice that nobody reads its progress any
 * more: after a `kill -9` of the studio it would go on for hours, into a file that the job's next run
 * writes as well. So a small shell reads from a pipe that only this process holds open; the pipe ends
 * with this process, in whatever way, and the shell then kills the program.
 */
export function killOnParentExit(pid: number): { dismiss(): void } {
  // There is no such shell on Windows; programs outlive a killed studio there.
  if (process.platform === 'win32') return { dismiss: () => undefined };
  const shell = Bun.spawn(['/bin/sh', '-c', 'read -r nothing; kill -9 "$0"', String(pid)], {
    // Ctrl-C goes to the whole group: the shell must not be the first to end.
    detached: true,
    stdin: 'pipe',
    stdout: 'ignore',
    stderr: 'ignore',
  });
  shell.unref();
  return {
    /** To be called as soon as the program has ended: its id may soon be another's. */
    dismiss() {
      shell.kill('SIGKILL');
    },
  };
}
