import * as v from 'valibot';
import type { Received } from '../http/double.server';
import { readForm } from '../http/form';

const ActiveSpeaker = v.strictObject({
  auto_detect: v.optional(v.boolean()),
  frame_number: v.optional(v.number()),
  coordinates: v.optional(v.tuple([v.number(), v.number()])),
  bounding_boxes: v.optional(v.array(v.nullable(v.array(v.number())))),
});

const Options = v.strictObject({
  sync_mode: v.optional(v.picklist(['loop', 'bounce', 'cut_off', 'silence', 'remap'])),
  temperature: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
  active_speaker_detection: v.optional(ActiveSpeaker),
  occlusion_detection_enabled: v.optional(v.boolean()),
  model_mode: v.optional(v.string()),
  prompt: v.optional(v.string()),
});

const Input = v.object({
  type: v.picklist(['video', 'audio', 'text', 'image']),
  url: v.exactOptional(v.string()),
  assetId: v.exactOptional(v.string()),
});

const CreateSchema = v.object({
  model: v.picklist(['lipsync-2', 'lipsync-2-pro', 'lipsync-1.9.0-beta', 'react-1', 'sync-3']),
  input: v.optional(v.array(Input), []),
  options: v.optional(Options, {}),
  webhookUrl: v.nullish(v.string()),
  outputFileName: v.nullish(v.pipe(v.string(), v.regex(/^[\w-]{1,255}$/))),
});

export type CreateBody = v.InferOutput<typeof CreateSchema> & {
  /** Files that came with a multipart create, by `video` and `audio`. */
  files: Record<string, Uint8Array>;
  multipart: boolean;
};

/** Reads a create in JSON or as a form. Gives the vendor's list of messages when it is no good. */
export async function readCreate(request: Received): Promise<CreateBody | { messages: string[] }> {
  const type = request.headers['content-type'] ?? '';
  const multipart = type.startsWith('multipart/');
  const files: Record<string, Uint8Array> = {};
  let given: unknown;
  if (multipart) {
    const fields: Record<string, unknown> = {};
    const input: unknown[] = [];
    for (const part of await readForm(request.body, type)) {
      const text = () => new TextDecoder().decode(part.bytes);
      if (part.name === 'video' || part.name === 'audio') files[part.name] = part.bytes;
      else if (part.name === 'input') input.push(...[JSON.parse(text())].flat());
      else fields[part.name] = part.name === 'options' ? JSON.parse(text()) : text();
    }
    given = { ...fields, input };
  } else given = JSON.parse(request.body.toString());
  const parsed = v.safeParse(CreateSchema, given);
  if (!parsed.success) {
    return { messages: parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`) };
  }
  for (const kind of ['video', 'audio']) {
    const named = parsed.output.input.filter((item) => item.type === kind);
    const hasSource = named.some((item) => item.url !== undefined || item.assetId !== undefined);
    if (!hasSource && files[kind] === undefined) return { messages: [`input must contain one ${kind}`] };
  }
  return { ...parsed.output, files, multipart };
}
