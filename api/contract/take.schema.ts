import * as v from 'valibot';

export const takeKinds = ['image', 'original', 'trimmed', 'lipsynced'] as const;
export type TakeKind = (typeof takeKinds)[number];

export const AudioSegmentSchema = v.object({
  start: v.number(),
  end: v.number(),
  startFrame: v.number(),
  endFrame: v.number(),
});

/** The part of the song a lip-sync was made for: seconds and frames of the project, end exclusive. */
export type AudioSegment = v.InferOutput<typeof AudioSegmentSchema>;

export const TakeSchema = v.object({
  id: v.string(),
  kind: v.picklist(takeKinds),
  parentId: v.nullable(v.string()),
  url: v.string(),
  s3Key: v.string(),
  sourceUrl: v.nullable(v.string()),
  sourceName: v.nullable(v.string()),
  contentType: v.string(),
  bytes: v.number(),
  sha256: v.string(),
  width: v.number(),
  height: v.number(),
  frames: v.nullable(v.number()),
  duration: v.nullable(v.number()),
  trim: v.nullable(v.object({ inFrame: v.number(), outFrame: v.number(), in: v.number(), out: v.number() })),
  songId: v.nullable(v.string()),
  audioSegment: v.nullable(AudioSegmentSchema),
  madeBy: v.record(v.string(), v.unknown()),
  costUsd: v.nullable(v.number()),
  createdAt: v.string(),
});

/** One immutable version of a scene's media. */
export type Take = v.InferOutput<typeof TakeSchema>;

export const TakeListSchema = v.object({ takes: v.array(TakeSchema) });
