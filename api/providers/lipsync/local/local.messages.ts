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

/** What it answers, one line of JSON each on its standard output. */
export const EngineMessageSchema = v.variant('type', [
  v.strictObject({ type: v.literal('progress'), stage: v.string(), fraction: v.number() }),
  v.strictObject({ type: v.literal('report'), report: v.record(v.string(), v.unknown()) }),
  v.strictObject({
    type: v.literal('error'),
    code: v.string(),
    status: v.number(),
    message: v.string(),
    details: v.optional(v.unknown()),
    retryable: v.boolean(),
  }),
]);

export type EngineMessage = v.InferOutput<typeof EngineMessageSchema>;

/** Cuts a stream of text into its lines. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
