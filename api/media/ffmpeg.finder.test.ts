import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { chmod } from 'node:fs/promises';
import { createLog } from '../shared/log';
import { type FinderMachine, findPrograms } from './ffmpeg.finder';
import { testFolder } from './testing/tools';

const log = createLog('silent');
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  folder = await testFolder();
});
afterAll(() => folder.remove());

async function program(name: string, exitCode = 0): Promise<string> {
  const path = folder.path(name);
  await Bun.write(path, `#!/bin/sh\nexit ${exitCode}\n`);
  await chmod(path, 0o755);
  return path;
}

/** A machine with nothing on it; commands are noted and really run only when they are ours. */
function machine(parts: Partial<FinderMachine>): FinderMachine & { commands: string[][] } {
  const commands: string[][] = [];
  return {
    commands,
    which: () => null,
    staticFfmpeg: async () => null,
    installedFfprobe: async () => null,
    canUseApt: () => false,
    ...parts,
    async run(command, limitMs) {
      commands.push(command);
      if (parts.run !== undefined) return parts.run(command, limitMs);
      return Bun.spawn(command, { stdout: 'ignore', stderr: 'ignore' }).exited;
    },
  };
}

describe('findPrograms', () => {
  test('takes what the settings name', async () => {
    const [ffmpegBin, ffprobeBin] = [await program('set-ffmpeg'), await program('set-ffprobe')];
    const found = await findPrograms({
      ffmpegBin,
      ffprobeBin,
      log,
      allowInstall: false,
      machine: machine({}),
    });
    expect(found).toEqual({ ffmpegPath: ffmpegBin, ffprobePath: ffprobeBin });
  });

  test('refuses a setting that does not run rather than taking another program', async () => {
    const onPath = await program('path-ffmpeg');
    const broken = await program('broken-ffmpeg', 1);
    const options = { log, allowInstall: false, machine: machine({ which: () => onPath }) };
    await expect(findPrograms({ ...options, ffmpegBin: broken })).rejects.toMatchObject({
      code: 'ProgramNotUsable',
    });
    await expect(findPrograms({ ...options, ffmpegBin: '/no/such' })).rejects.toThrow(
      'FFMPEG_BIN names /no/such',
    );
  });

  test('prefers the static build, and the ffprobe beside it', async () => {
    const [program1, beside] = [await program('ffmpeg'), await program('ffprobe')];
    const other = await program('path-ffmpeg');
    const found = await findPrograms({
      log,
      allowInstall: false,
      machine: machine({
        staticFfmpeg: async () => ({ program: program1, installScript: '' }),
        which: () => other,
      }),
    });
    expect(found).toEqual({ ffmpegPath: program1, ffprobePath: beside });
  });

  test('tries the install script of a missing static build once, then falls back to PATH', async () => {
    const onPath = await program('path-ffmpeg');
    const script = folder.path('install.js');
    await Bun.write(script, 'process.exit(1)');
    const packaged = { program: folder.path('not-downloaded'), installScript: script };
    const place = machine({ staticFfmpeg: async () => packaged, which: () => onPath });
    const options = { log, allowInstall: true, machine: place };
    expect((await findPrograms(options)).ffmpegPath).toBe(onPath);
    await findPrograms(options);
    expect(place.commands.filter((command) => command.includes(script))).toHaveLength(1);
  });

  test('installs nothing when it may not', async () => {
    const place = machine({
      staticFfmpeg: async () => ({
        program: folder.path('missing'),
        installScript: folder.path('install.js'),
      }),
      canUseApt: () => true,
    });
    await expect(findPrograms({ log, allowInstall: false, machine: place })).rejects.toMatchObject({
      code: 'FfmpegNotFound',
    });
    expect(place.commands).toEqual([]);
  });

  test('installs by apt as the last resort', async () => {
    const installed = await program('apt-ffmpeg');
    let done = false;
    const place = machine({
      canUseApt: () => true,
      which: () => (done ? installed : null),
      async run(command) {
        if (command[1] === 'install') done = true;
        return 0;
      },
    });
    const found = await findPrograms({ log, allowInstall: true, machine: place });
    expect(found.ffmpegPath).toBe(installed);
    expect(place.commands.map((command) => command.slice(0, 2).join(' '))).toContain('apt-get update');
  });

  test('says what to do when there is nothing', async () => {
    const place = machine({});
    await expect(findPrograms({ log, allowInstall: true, machine: place })).rejects.toThrow(
      'apt-get install ffmpeg',
    );
    const ffmpegOnly = machine({
      staticFfmpeg: async () => ({ program: await program('lonely/ffmpeg'), installScript: '' }),
    });
    await expect(findPrograms({ log, allowInstall: false, machine: ffmpegOnly })).rejects.toMatchObject({
      code: 'FfprobeNotFound',
    });
  });
});
