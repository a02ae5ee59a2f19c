import { open } from 'node:fs/promises';
import { AppError } from '../shared/errors';
import { indexBox } from './mp4.index';
import { readMp4Samples } from './mp4.samples';

/**
 * Makes a file of key frames play them in another order, any frame as often as wanted: a new index at its
 * end, the frames stay where they are. The old index becomes free space.
 * @throws AppError `DamagedMedia` when the file is not one of evenly spaced key frames, or lacks one of the order
 */
export async function reorderSamples(path: string, order: number[]): Promise<void> {
  const found = await readMp4Samples(path, 'video');
  const [run] = found?.durations ?? [];
  if (found === null || run === undefined || found.durations.length > 1 || found.shifts !== null)
    throw damaged();
  // x264 marks each frame of a file with -g 1 as a key frame; a table of them is left out or whole.
  if (found.keyFrames !== null && found.keyFrames.length !== found.samples.length) throw damaged();
  const samples = order.map((index) => {
    const sample = found.samples[index];
    if (sample === undefined) throw damaged();
    return sample;
  });
  const { track, entry } = found;
  const index = indexBox(
    [
      {
        kind: 'video',
        timescale: track.timescale,
        entry,
        width: track.width,
        height: track.height,
        sizes: samples.map((sample) => sample.bytes),
        durations: [{ count: samples.length, units: run.units }],
        shifts: null,
        keyFrames: null,
        chunks: samples.map(({ offset }) => ({ offset, samples: 1 })),
        editStart: 0,
      },
    ],
    { far: true },
  );
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    await file.write(index, 0, index.length, size);
    await replaceType(file, size);
  } finally {
    await file.close();
  }
}

/** Names the first index before `end` free space. */
async function replaceType(file: Awaited<ReturnType<typeof open>>, end: number): Promise<void> {
  const header = Buffer.alloc(16);
  let at = 0;
  while (at + 8 <= end) {
    await file.read(header, 0, 16, at);
    const short = header.readUInt32BE(0);
    const length = short === 1 ? Number(header.readBigUInt64BE(8)) : short;
    if (length < 8) break;
    if (header.toString('latin1', 4, 8) === 'moov') {
      await file.write(Buffer.from('free', 'latin1'), 0, 4, at + 4);
      return;
    }
    at += length;
  }
  throw damaged();
}

function damaged(): AppError {
  return new AppError({
    code: 'DamagedMedia',
    message: 'The frames of this clip could not be read one by one. Export it as MP4 (H.264) and try again.',
  });
}
