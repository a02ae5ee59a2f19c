import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeVideo } from '../drawing/frame-video';
import { ffmpeg, testTools } from '../media/testing/tools';
import { wavHeader } from '../media/wav';
import { createSinger } from '../sample/material/singer.scene';
import { createRandom } from '../shared/random';

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

/** Twenty seconds of a made-up melody with drums, no two seconds alike: its places can be told apart. */
export const melodyFile = () =>
  once('melody.wav', async (path) => {
    const [rate, seconds] = [48_000, 20];
    const random = createRandom(11);
    const pcm = new Float32Array(rate * seconds);
    for (let at = 0; at < seconds; at += random.pick([0.125, 0.25, 0.25, 0.5])) {
      const hertz = 110 * 2 ** (Math.floor(random.between(0, 30)) / 12);
      const start = Math.round(at * rate);
      const isHit = random.chance(0.4);
      for (let i = 0; i < 0.4 * rate && start + i < pcm.length; i++) {
        const t = i / rate;
        let value = isHit ? 2 * (random.next() - 0.5) * Math.exp(-t * 40) : 0;
        for (let n = 1; n <= 5; n++) value += Math.sin(2 * Math.PI * hertz * n * t) / n;
        pcm[start + i] = (pcm[start + i] ?? 0) + 0.1 * value * Math.exp(-t * 6);
      }
    }
    const samples = Int16Array.from(pcm, (value) => Math.max(-1, Math.min(1, value)) * 32_000);
    const header = wavHeader({ channels: 1, sampleRate: rate, bitsPerSample: 16, samples: samples.length });
    await Bun.write(path, Buffer.concat([header, new Uint8Array(samples.buffer)]));
  });

/**
 * A clip as a phone films it while the melody plays: from `start` seconds of the song on (negative: before it
 * begins), `seconds` long, the camera running `rate` times as slow, with an echo and noise, coded at 64 kbit/s.
 */
export const filmedClip = (
  name: string,
  of: { start: number; seconds: number; rate?: number; color?: string },
) =>
  once(name, async (path) => {
    const { start, seconds, rate = 1, color = 'navy' } = of;
    const sound = [
      start < 0
        ? `[1:a]adelay=${Math.round(-start * 1000)}`
        : `[1:a]atrim=start=${start},asetpts=PTS-STARTPTS`,
      `asetrate=${48_000 * rate},aresample=48000,aecho=0.8:0.7:60:0.4,highpass=f=250,volume=0.3[song]`,
    ].join(',');
    await ffmpeg(await testTools(), [
      ...['-f', 'lavfi', '-i', `color=${color}:size=320x180:rate=25`],
      ...['-i', await melodyFile()],
      ...['-f', 'lavfi', '-i', 'anoisesrc=color=pink:amplitude=0.01:seed=3:sample_rate=48000'],
      ...['-filter_complex', `${sound};[song][2:a]amix=inputs=2:normalize=0[sound]`],
      ...['-map', '0:v', '-map', '[sound]', '-t', String(seconds), '-pix_fmt', 'yuv420p'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-b:a', '64k', path],
    ]);
  });
