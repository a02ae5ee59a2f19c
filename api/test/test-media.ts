import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeVideo } from '../drawing/frame-video';
import { ffmpeg, testTools } from '../media/testing/tools';
import { createSinger } from '../sample/material/singer.scene';

/** Made once and kept between runs; nothing of it is in the repository. */
const directory = join(import.meta.dir, '..', '..', '.cache', 'test-media');

async function once(name: string, make: (path: string) => Promise<unknown>): Promise<string> {
  const path = join(directory, name);
  if (existsSync(path)) return path;
  await mkdir(directory, { recursive: true });
  const [stem, ending] = [name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.'))];
  const part = join(directory, `${stem}.${process.pid}.part${ending}`);
  await make(part);
  await rename(part, path);
  return path;
}

/** Moving colours with a tone: a clip that nobody sings in. */
export const plainClip = (
  name: string,
  options: { size: string; rate: string; seconds: number; sound?: boolean; still?: boolean },
) =>
  once(name, async (path) => {
    const tools = await testTools();
    const sound = options.sound ?? false;
    await ffmpeg(tools, [
      ...['-f', 'lavfi', '-i', `testsrc2=size=${options.size}:rate=${options.rate}`],
      ...(sound ? ['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=44100'] : []),
      ...(options.still
        ? ['-frames:v', '1']
        : ['-t', String(options.seconds), '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast']),
      ...(sound ? ['-c:a', 'aac', '-shortest'] : []),
      path,
    ]);
  });

/** The demo's drawn singer, small and short: a face that the tracker finds. */
export const singerClip = () =>
  once('singer.mp4', async (path) => {
    const tools = await testTools();
    await writeVideo(createSinger(640, 360, 2), 50, { ffmpegPath: tools.ffmpegPath, fps: 25, path });
  });

/** Eight seconds with something like syllables in it: harmonics that swell three times a second. */
export const songFile = () =>
  once('song.wav', async (path) => {
    const tone = [1, 2, 3, 4, 5, 6].map((n) => `sin(2*PI*${n * 180}*t)/${n}`).join('+');
    await ffmpeg(await testTools(), [
      ...['-f', 'lavfi', '-i', `aevalsrc=0.2*(${tone})*abs(sin(3*PI*t)):s=48000:d=8`],
      path,
    ]);
  });
