import { readFile } from 'node:fs/promises';

/**
 * The most memory this process has held, in bytes. On Linux from VmHWM: the maxRSS of getrusage also
 * counts what whoever started the process held when it forked.
 */
export async function peakMemoryBytes(): Promise<number> {
  const status = process.platform === 'linux' ? await readFile('/proc/self/status', 'utf8') : '';
  const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
  if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  // macOS counts in bytes, everything else in kilobytes.
  return process.resourceUsage().maxRSS * (process.platform === 'darwin' ? 1 : 1024);
}
