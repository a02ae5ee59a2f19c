import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Scene } from '../../api/contract/scene.schema';
import { ffmpeg, testTools } from '../../api/media/testing/tools';
import { expectStatus, startTestStudio } from '../../api/test/studio.harness';
import { median, timed } from './media/bench.table';

const CLIP_SECONDS = 20;
const SCENE_SECONDS = 10;
const FPS = 25;

/**
 * A slip over the API: ten seconds of a 1080p clip, moved under their scene, until the take that shows them is the
 * scene's. `--slips N` (default 5).
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { slips: { type: 'string', default: '5' } } });
  const folder = await mkdtemp(join(tmpdir(), 'songreel-bench-slip-'));
  const studio = await startTestStudio();
  const { api } = studio;
  try {
    const tools = await testTools();
    const clip = join(folder, 'clip.mp4');
    // A moving picture with detail: what a camera brings is no easier to encode.
    await ffmpeg(tools, [
      ...['-f', 'lavfi', '-i', `testsrc2=s=1920x1080:r=${FPS}:d=${CLIP_SECONDS}`],
      ...['-vf', 'noise=alls=6:allf=t', '-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p'],
      clip,
    ]);
    const { id } = await api.createProject({ format: { width: 1920, height: 1080, fps: FPS } });
    await api.addScene(id, { plannedDuration: SCENE_SECONDS });
    await api.uploadClip(id, 1, clip);
    const took: number[] = [];
    const answered: number[] = [];
    for (let slip = 1; slip <= Number(values.slips); slip++) {
      const began = performance.now();
      const path = `/projects/${id}/scenes/1/window`;
      let scene = expectStatus(await api.call<Scene>('PUT', path, api.json({ inFrame: slip * 20 })), 200);
      answered.push(performance.now() - began);
      while (scene.fitting) {
        await Bun.sleep(20);
        const [now] = (await api.project(id)).scenes;
        if (now === undefined) throw new Error('The scene is gone.');
        scene = now;
      }
      took.push(performance.now() - began);
    }
    const plain = join(folder, 'plain.mp4');
    const { milliseconds: reference } = await timed(() =>
      ffmpeg(tools, [
        ...['-ss', '2', '-i', clip, '-t', String(SCENE_SECONDS)],
        ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-an', plain],
      ]),
    );
    const ratio = (milliseconds: number) => (milliseconds / 1000 / SCENE_SECONDS).toFixed(2);
    console.log(`answered after ${median(answered).toFixed(0)} ms`);
    console.log(
      `rendered in ${ratio(median(took))} × the length of what is shown, worst ${ratio(Math.max(...took))} of ${took.length}; ` +
        `in ${(median(took) / reference).toFixed(2)} × the time that ffmpeg alone encodes it now (${ratio(reference)})`,
    );
    console.log(`(load average ${loadavg()[0]?.toFixed(1)})`);
  } finally {
    await studio.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
