import { rm } from 'node:fs/promises';
import type { MediaTools } from '../media.types';
import { ffmpeg, output } from './tools';

/** Every frame shows its own number as 12 black or white cells, 4 across and 3 down. */
const columns = 4;
const rows = 3;

export type NumberedClip = {
  width: number;
  height: number;
  /** Rate as ffmpeg takes it: 25, "30000/1001". */
  fps: number | string;
  frames: number;
  /** The number of the first frame; default 0. */
  firstNumber?: number;
  /** Encoder and its options; default libx264 ultrafast. */
  codec?: string[];
  pixelFormat?: string;
  /** Extra filters after the picture is drawn (setpts for uneven times, setsar …). */
  filters?: string[];
  /** Adds a tone of this many seconds. */
  soundSeconds?: number;
  /** Output flags (-fps_mode …). */
  flags?: string[];
};

/** Makes a clip whose frames can be told apart after any re-encoding, scaling and turning. */
export async function makeNumberedClip(tools: MediaTools, path: string, clip: NumberedClip): Promise<void> {
  const raw = `${path}.gray`;
  const pixels = new Uint8Array(clip.frames * columns * rows);
  for (let frame = 0; frame < clip.frames; frame++) {
    const number = frame + (clip.firstNumber ?? 0);
    for (let bit = 0; bit < columns * rows; bit++) {
      pixels[frame * columns * rows + bit] = (number >> bit) & 1 ? 255 : 0;
    }
  }
  await Bun.write(raw, pixels);
  const filters = [`scale=${clip.width}:${clip.height}:flags=neighbor`, 'setsar=1', ...(clip.filters ?? [])];
  const sound =
    clip.soundSeconds === undefined ? [] : ['-f', 'lavfi', '-i', `sine=440:duration=${clip.soundSeconds}`];
  await ffmpeg(tools, [
    ...['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${columns}x${rows}`, '-r', String(clip.fps), '-i', raw],
    ...sound,
    ...['-vf', filters.join(','), '-pix_fmt', clip.pixelFormat ?? 'yuv420p', '-threads', '1'],
    ...(clip.codec ?? ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '30']),
    ...(clip.flags ?? []),
    path,
  ]);
  await rm(raw);
}

export type PictureBox = { x: number; y: number; width: number; height: number };

/** The numbers that the frames of a clip show, in display order. `box`: where the picture lies. */
export async function readFrameNumbers(
  tools: MediaTools,
  path: string,
  options: { box?: PictureBox; turned?: 0 | 90 | 180 | 270 } = {},
): Promise<number[]> {
  const turned = options.turned ?? 0;
  const sideways = turned === 90 || turned === 270;
  const [across, down] = sideways ? [rows, columns] : [columns, rows];
  const { box } = options;
  const crop = box ? [`crop=${box.width}:${box.height}:${box.x}:${box.y}`] : [];
  // Area scaling makes one pixel of each cell; the cells are large enough to forget their edges.
  const filters = [...crop, `scale=${across}:${down}:flags=area`, 'format=gray'].join(',');
  const bytes = await output([
    ...[tools.ffmpegPath, '-v', 'error', '-nostdin', '-i', path, '-map', '0:v:0', '-vf', filters],
    ...['-fps_mode', 'passthrough', '-f', 'rawvideo', '-'],
  ]);
  const size = columns * rows;
  return Array.from({ length: bytes.length / size }, (_, frame) =>
    numberOf(bytes.subarray(frame * size, (frame + 1) * size), turned),
  );
}

function numberOf(cells: Uint8Array, turned: number): number {
  let number = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = {
        0: row * columns + column,
        90: column * rows + (rows - 1 - row),
        180: (rows - 1 - row) * columns + (columns - 1 - column),
        270: (columns - 1 - column) * rows + row,
      }[turned];
      if ((cells[at ?? 0] ?? 0) > 127) number |= 1 << (row * columns + column);
    }
  }
  return number;
}

/** Writes a turn into an MP4's first track header, as a phone held sideways does. */
export async function setRotation(path: string, degrees: 90 | 180 | 270): Promise<void> {
  const bytes = Buffer.from(await Bun.file(path).arrayBuffer());
  const header = bytes.indexOf('tkhd');
  if (header < 0) throw new Error('no track header');
  const one = 0x10000;
  const matrix = { 90: [0, one, -one, 0], 180: [-one, 0, 0, -one], 270: [0, -one, one, 0] }[degrees];
  // Version 0 header: the matrix {a,b,u,c,d,v,x,y,w} stands 44 bytes after the type.
  const at = header + 44;
  bytes.writeInt32BE(matrix[0] ?? 0, at);
  bytes.writeInt32BE(matrix[1] ?? 0, at + 4);
  bytes.writeInt32BE(matrix[2] ?? 0, at + 12);
  bytes.writeInt32BE(matrix[3] ?? 0, at + 16);
  await Bun.write(path, bytes);
}
