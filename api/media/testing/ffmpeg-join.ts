import { symlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { MediaTools } from '../media.types';
import type { JoinedSound } from '../mp4.join';
import { ffmpeg } from './tools';

/**
 * What joinVideos is compared with: ffmpeg's concat demuxer and its own muxer, copying both. Every take gets
 * a duration, or its sound, which may be longer than its pictures, would push the next one back.
 */
export async function joinByFfmpeg(
  tools: MediaTools,
  request: {
    folder: string;
    takes: { path: string; frames: number }[];
    fps: number;
    sound: JoinedSound;
    channels: number;
    outputPath: string;
  },
): Promise<void> {
  const lines = ['ffconcat version 1.0'];
  let before = 0;
  for (const [index, take] of request.takes.entries()) {
    const name = `${String(index + 1).padStart(5, '0')}.mp4`;
    await symlink(resolve(take.path), `${request.folder}/${name}`);
    const start = Math.round((before * 1e6) / request.fps);
    before += take.frames;
    const end = Math.round((before * 1e6) / request.fps);
    lines.push(`file ${name}`, `duration ${((end - start) / 1e6).toFixed(6)}`);
  }
  await Bun.write(`${request.folder}/takes.ffconcat`, `${lines.join('\n')}\n`);
  await Bun.write(`${request.folder}/sound.aac`, await adtsOf(request.sound, request.channels));
  // ADTS knows no run-in: its packets begin early, and the MP4's edit list hides them.
  const early = (-request.sound.runIn / request.sound.sampleRate).toFixed(6);
  await ffmpeg(tools, [
    ...['-f', 'concat', '-safe', '1', '-auto_convert', '0', '-i', `${request.folder}/takes.ffconcat`],
    ...['-itsoffset', early, '-f', 'aac', '-i', `${request.folder}/sound.aac`],
    ...['-map', '0:v:0', '-map', '1:a:0', '-c', 'copy', '-video_track_timescale', String(request.fps * 1000)],
    ...['-map_metadata', '-1', '-fflags', '+bitexact', '-movflags', '+faststart', '-f', 'mp4'],
    request.outputPath,
  ]);
}

/** The packets behind 7-byte ADTS headers (ISO 13818-7, 6.2): AAC-LC at 48 kHz. */
async function adtsOf(sound: JoinedSound, channels: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const { path, packets } of sound.pieces) {
    const bytes = new Uint8Array(await Bun.file(path).arrayBuffer());
    for (const packet of packets) {
      const length = packet.bytes + 7;
      const header = [0xff, 0xf1, (1 << 6) | (3 << 2) | (channels >> 2)];
      header.push(
        ((channels & 3) << 6) | (length >> 11),
        (length >> 3) & 0xff,
        ((length & 7) << 5) | 0x1f,
        0xfc,
      );
      parts.push(Uint8Array.from(header), bytes.subarray(packet.offset, packet.offset + packet.bytes));
    }
  }
  return Buffer.concat(parts);
}
