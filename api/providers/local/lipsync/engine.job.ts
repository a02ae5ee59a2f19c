import * as v from 'valibot';
import type { JobStage } from '../../../contract/job.schema';
import { LipsyncOptionsSchema } from '../../../contract/lipsync.schema';

/**
 * What the engine's process is told, as one line of JSON on its standard input; see LipsyncRequest for the
 * meaning of most of it.
 */
export const EngineJobSchema = v.strictObject({
  ffmpegPath: v.string(),
  videoPath: v.string(),
  audioPath: v.string(),
  vocalPath: v.optional(v.string()),
  outputPath: v.string(),
  workDirectory: v.string(),
  width: v.number(),
  height: v.number(),
  fps: v.number(),
  frames: v.number(),
  options: LipsyncOptionsSchema,
  /** ffmpeg's options for the video encoder. */
  videoArguments: v.array(v.string()),
});
export type EngineJob = v.InferOutput<typeof EngineJobSchema>;

export type EngineContext = {
  signal: AbortSignal;
  progress(stage: JobStage, fraction: number): void;
  /** Milliseconds since any fixed moment. */
  now(): number;
};
