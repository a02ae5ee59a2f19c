import * as v from 'valibot';

/** What can be undone: a word in each language for each. */
export const timelineChanges = [
  'format-changed',
  'song-added',
  'song-replaced',
  'song-removed',
  'song-restored',
  'scene-added',
  'scenes-added',
  'scene-duplicated',
  'scene-split',
  'scene-deleted',
  'scenes-deleted',
  'scene-restored',
  'scene-moved',
  'scenes-reordered',
  'cut-moved',
  'scene-words',
  'scene-image',
  'scene-clip-added',
  'scene-clip-replaced',
  'scene-lipsync',
  'scene-lipsync-removed',
  'scene-trimmed',
  'scene-length',
  'scene-slipped',
  'scene-speed',
  'scene-framing',
  'scene-window',
  'scene-reverted',
  'scene-version',
  'scene-settings',
  'scenes-changed',
  'timeline-changed',
] as const;
export type TimelineChangeCode = (typeof timelineChanges)[number];

export const TimelineChangeSchema = v.object({
  code: v.picklist(timelineChanges),
  /** Of changes of one scene: its id, and its number when it was changed. */
  sceneId: v.optional(v.string()),
  sequence: v.optional(v.number()),
  /** Of changes of several scenes: how many. */
  count: v.optional(v.number()),
});
/** A change of a timeline, without words. */
export type TimelineChange = v.InferOutput<typeof TimelineChangeSchema>;

export const TimelinePlaceSchema = v.object({
  /** Names the state that the timeline is in; null: nothing was changed yet. */
  revision: v.nullable(v.number()),
  /** What undo would take back; null: nothing. */
  undo: v.nullable(TimelineChangeSchema),
  /** What redo would do again; null: nothing. */
  redo: v.nullable(TimelineChangeSchema),
});
/** Where a project stands in its own history. */
export type TimelinePlace = v.InferOutput<typeof TimelinePlaceSchema>;
