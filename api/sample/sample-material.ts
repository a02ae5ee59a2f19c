import { join } from 'node:path';
import * as v from 'valibot';
import type { Format } from '../contract/format.schema';
import { AppError } from '../shared/errors';

/** Local files of the sample: a song, and a clip for each of the scenes. */
export type SampleMaterial = { song: string; clips: string[] };

/** Makes the sample's files, or finds those of an earlier time. */
export type MakeSampleMaterial = (options: {
  format: Format;
  signal: AbortSignal;
}) => Promise<SampleMaterial>;

const MaterialSchema = v.object({ song: v.string(), clips: v.array(v.string()) });

/** The song and clips of the sample project and of the demo, made once in `directory`. */
export const sampleMaterial =
  (directory: string) => async (options: Parameters<MakeSampleMaterial>[0] & { ffmpegPath: string }) => {
    const { width, height, fps } = options.format;
    const child = Bun.spawn(
      [
        ...[process.execPath, join(import.meta.dir, 'sample-material.process.ts')],
        ...[`--directory=${directory}`, `--ffmpeg=${options.ffmpegPath}`],
        ...[`--width=${width}`, `--height=${height}`, `--fps=${fps}`],
      ],
      { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe', signal: options.signal },
    );
    const [code, out, errors] = await Promise.all([
      child.exited,
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    options.signal.throwIfAborted();
    if (code !== 0) {
      throw new AppError({
        code: 'SampleNotMade',
        message: `The sample's pictures and song could not be made: ${errors.trim().slice(-500)}`,
      });
    }
    return v.parse(MaterialSchema, JSON.parse(out));
  };
