import { join } from 'node:path';

export type StudioProcess = { url: string; pid: number; stop(): Promise<void> };

/** A program of this folder or of `scripts/` in a process of its own, once it has said where it answers. */
export async function startProcess(
  script: string,
  environment: Record<string, string>,
): Promise<StudioProcess> {
  const child = Bun.spawn([process.execPath, script], {
    env: { ...process.env, ...environment },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const decoder = new TextDecoder();
  let said = '';
  for await (const chunk of child.stdout) {
    said += decoder.decode(chunk);
    const url = /ready: (\S+)/.exec(said)?.[1];
    if (url !== undefined) {
      return {
        url,
        pid: child.pid,
        async stop() {
          child.kill('SIGTERM');
          await child.exited;
        },
      };
    }
  }
  throw new Error(`${script} did not start: ${said}`);
}

/** A studio in a process of its own, so that its memory and processor time are only its own. */
export const startStudioProcess = (dataDirectory: string, settings: Record<string, string> = {}) =>
  startProcess(join(import.meta.dir, '..', '..', 'start.ts'), {
    DATA_DIR: dataDirectory,
    PORT: '0',
    LOG_LEVEL: 'warn',
    PREPARE_SAMPLE: 'false',
    ...settings,
  });

/** Resident memory of a process now and at its highest, in MiB (Linux). */
export async function memory(pid: number): Promise<{ now: number; peak: number }> {
  const status = await Bun.file(`/proc/${pid}/status`).text();
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** Processor time that a process has used, in milliseconds (Linux counts in hundredths of a second). */
export async function processorMs(pid: number): Promise<number> {
  const fields = (await Bun.file(`/proc/${pid}/stat`).text()).split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
