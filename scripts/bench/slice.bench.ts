import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runFfmpeg } from '../../api/media/ffmpeg.runner';
import { cutSlice } from '../../api/media/slice';
import { prepareSong } from '../../api/media/song';
import { decodeSound, encodeSound, findLag, makeSong, readSamples } from '../../api/media/testing/sound';
import { benchTools, median, printTable, seededRandom, timed } from './media/bench.table';

const seconds = 60;
const sampleRate = 48_000;

/**
 * 5 s slices of a song at random places, against ffmpeg `-i SONG -ss START -t 5 -acodec copy` (what
 * this replaces): how far they are from the song, and how long they take. `--offsets N` (default 12).
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { offsets: { type: 'string', default: '12' } } });
  const tools = await benchTools();
  const folder = await mkdtemp(join(tmpdir(), 'songreel-bench-slice-'));
  try {
    const original = join(folder, 'original.wav');
    await makeSong(original, seconds);
    const truth = await readSamples(original);
    const rows: string[][] = [];
    for (const extension of ['wav', 'flac', 'mp3', 'm4a']) {
      const sourcePath = join(folder, `song.${extension}`);
      await encodeSound(tools, original, sourcePath, extension === 'wav' ? ['-c', 'copy'] : ['-b:a', '192k']);
      const [wavPath, aacPath] = [join(folder, 'master.wav'), join(folder, 'master.m4a')];
      await prepareSong(tools, { sourcePath, wavPath, aacPath });
      const random = seededRandom(3);
      const ours = { off: [] as number[], took: [] as number[] };
      const copied = { off: [] as number[], took: [] as number[] };
      for (let time = 0; time < Number(values.offsets); time++) {
        const start = Math.floor(random() * (seconds - 6) * sampleRate);
        const late = (slice: Float32Array) => {
          const { lag, correlation } = findLag(truth.subarray(start), slice, 9600, 9600, 9000);
          return correlation > 0.6 ? (lag / sampleRate) * 1000 : Number.NaN;
        };
        const outputPath = join(folder, 'slice.wav');
        const cut = {
          masterPath: wavPath,
          startSample: start,
          endSample: start + 5 * sampleRate,
          outputPath,
        };
        ours.took.push((await timed(() => cutSlice(cut))).milliseconds);
        ours.off.push(late(await readSamples(outputPath)));
        const copyPath = join(folder, `copy.${extension}`);
        const copyArgs = [
          '-i',
          sourcePath,
          '-ss',
          String(start / sampleRate),
          '-t',
          '5',
          '-acodec',
          'copy',
          copyPath,
        ];
        const copy = await timed(() =>
          runFfmpeg(tools, { step: 'Copy', args: copyArgs, timeLimitSeconds: 60 }),
        );
        copied.took.push(copy.milliseconds);
        copied.off.push(late(await decodeSound(tools, copyPath)));
      }
      rows.push([extension, ...summary(ours), ...summary(copied)]);
    }
    printTable(['song', 'slice: worst', 'time', '-acodec copy: worst', 'time'], rows);
    console.log('bound: 0.1 ms at any offset; "lost" = not within 190 ms of where it should be');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function summary(all: { off: number[]; took: number[] }): [string, string] {
  const lost = all.off.filter(Number.isNaN).length;
  const worst = all.off
    .filter((off) => !Number.isNaN(off))
    .reduce((most, off) => (Math.abs(off) > Math.abs(most) ? off : most), 0);
  const text = `${worst.toFixed(3)} ms${lost > 0 ? `, ${lost} lost` : ''}`;
  return [text, `${median(all.took).toFixed(0)} ms`];
}
