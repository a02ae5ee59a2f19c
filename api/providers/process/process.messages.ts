import * as v from 'valibot';
import { jobStages } from '../../contract/job.schema';

/** What a process of a local provider answers, one line of JSON each on its standard output. */
export const ProcessMessageSchema = v.variant('type', [
  v.strictObject({ type: v.literal('progress'), stage: v.picklist(jobStages), fraction: v.number() }),
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
export type ProcessMessage = v.InferOutput<typeof ProcessMessageSchema>;

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
