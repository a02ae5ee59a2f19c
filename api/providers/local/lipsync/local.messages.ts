import * as v from 'valibot';
import { LipsyncOptionsSchema } from '../../../contract/lipsync.schema';

/** What the engine's process is told, as one line of JSON on its standard input. */
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
  videoArguments: v.array(v.string()),
});
