import { createLog } from '../../shared/log';
import { runFfmpeg } from '../ffmpeg.runner';

/** Runs ffmpeg in real time for a minute: `runner.process.ts FFMPEG`. Tells the id of ffmpeg's process. */
const [, , ffmpegPath = ''] = process.argv;
let told = false;
await runFfmpeg(
  { ffmpegPath, ffprobePath: '', log: createLog('silent') },
  {
    step: 'Test',
    args: ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=64x36:rate=25', '-t', '60', '-f', 'null', '-'],
    timeLimitSeconds: 60,
    onProgress: () => {
      if (told) return;
      told = true;
      const ps = Bun.spawnSync(['ps', '-o', 'pid=,ppid=,comm=', '-A']);
      const line = ps.stdout
        .toString()
        .split('\n')
        .map((text) => text.trim().split(/\s+/))
        .find(([, parent, name]) => parent === String(process.pid) && name?.includes('ffmpeg'));
      console.log(`ffmpeg is ${line?.[0]}`);
    },
  },
);
