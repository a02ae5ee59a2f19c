import * as v from 'valibot';
import { WindowSchema } from './window.schema';

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

export const FilmstripSchema = v.object({
  url: v.string(),
  /** Tiles stand row by row; the last row may be short. */
  columns: v.number(),
  rows: v.number(),
  tiles: v.number(),
  /** Pixels. */
  tileWidth: v.number(),
  tileHeight: v.number(),
  /** Tile i (from 0) shows frame i × everyFrames of the take. */
  everyFrames: v.number(),
});

/** A clip's frames as one picture. */
export type Filmstrip = v.InferOutput<typeof FilmstripSchema>;

export const TakeSchema = v.object({
  id: v.string(),
  kind: v.picklist(takeKinds),
  parentId: v.nullable(v.string()),
  url: v.string(),
  s3Key: v.string(),
  /** A small JPEG of its first picture; null until it is made, shortly after the take. */
  posterUrl: v.nullable(v.string()),
  /** Of clips; null until it is made. */
  filmstrip: v.nullable(FilmstripSchema),
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
  /** What it was fitted with; null where nothing was. */
  window: v.nullable(WindowSchema),
  /** The file holds the frames from `sourceStart` on of a clip of `sourceFrames`. */
  sourceStart: v.number(),
  sourceFrames: v.nullable(v.number()),
  songId: v.nullable(v.string()),
  audioSegment: v.nullable(AudioSegmentSchema),
  madeBy: v.record(v.string(), v.unknown()),
  costUsd: v.nullable(v.number()),
  createdAt: v.string(),
});

/** One immutable version of a scene's media. */
export type Take = v.InferOutput<typeof TakeSchema>;

export const TakeListSchema = v.object({ takes: v.array(TakeSchema) });
