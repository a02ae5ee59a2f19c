import { ffmpeg, testFolder, testTools } from '../../media/testing/tools';
import type { Random } from '../../shared/random';

export type Kind = 'upload_clip' | 'upload_image' | 'upload_song';
export type Material = { name: string; bytes: Uint8Array<ArrayBuffer> };

/**
 * The smallest media that is real: many jobs then cost little, and what is tested is what happens
 * around them. No two are alike, so that one can't be taken for another.
 */
export async function makeMaterial() {
  const tools = await testTools();
  const folder = await testFolder();
  const make = async (name: string, args: string[]) => {
    await ffmpeg(tools, [...args, folder.path(name)]);
    return new Uint8Array(await Bun.file(folder.path(name)).arrayBuffer());
  };
  const video = (size: string, frames: number, rate: number) => [
    ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}`, '-frames:v', String(frames)],
    ...['-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast'],
  ];
  const clips = [
    await make('a.mp4', video('128x128', 12, 24)),
    await make('b.mp4', video('160x120', 20, 25)),
    await make('c.mp4', video('96x96', 9, 30)),
  ];
  const song = await make('song.wav', [
    '-f',
    'lavfi',
    '-i',
    'sine=frequency=330:sample_rate=48000:duration=3',
  ]);
  const image = await make('i.png', ['-f', 'lavfi', '-i', 'testsrc2=size=64x64', '-frames:v', '1']);
  await folder.remove();

  return {
    clip(random: Random): Material {
      const base = clips[Math.floor(random.next() * clips.length)] ?? clips[0];
      return { name: 'clip.mp4', bytes: Buffer.concat([base ?? new Uint8Array(), freeBox(random)]) };
    },
    image: (random: Random): Material => ({ name: 'image.png', bytes: withText(image, random) }),
    song(random: Random): Material {
      const bytes = song.slice();
      // Loud clicks at random places of the sound.
      for (let at = 0; at < 8; at++) bytes[Math.floor(random.between(200, bytes.length))] = 127;
      return { name: 'song.wav', bytes };
    },
  };
}

export type ChaosMaterial = Awaited<ReturnType<typeof makeMaterial>>;

const randomBytes = (random: Random, count: number) =>
  Uint8Array.from({ length: count }, () => Math.floor(random.next() * 256));

/** An MP4 box that players skip. */
function freeBox(random: Random): Uint8Array {
  const box = Buffer.alloc(8 + 16);
  box.writeUInt32BE(box.length, 0);
  box.write('free', 4, 'latin1');
  box.set(randomBytes(random, 16), 8);
  return box;
}

/** The picture with a text chunk (PNG, after IHDR, which ends at byte 33) that nobody shows. */
function withText(png: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  const words = Buffer.from(`tEXtComment\0${Buffer.from(randomBytes(random, 12)).toString('hex')}`, 'latin1');
  const chunk = Buffer.alloc(4 + words.length + 4);
  chunk.writeUInt32BE(words.length - 4, 0);
  chunk.set(words, 4);
  chunk.writeUInt32BE(Bun.hash.crc32(words), 4 + words.length);
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}
