import * as v from 'valibot';
import { mediaKinds } from './media.schema';
import { ProjectSchema } from './project.schema';
import { TimelineChangeSchema } from './timeline-change.schema';

export const StepTimelineSchema = v.strictObject({
  /** The revision that the caller looks at (`timeline.revision` of the project): 409 when it is another one by now. */
  expectedRevision: v.optional(
    v.pipe(
      v.number('expectedRevision must be a whole number.'),
      v.integer('expectedRevision must be a whole number.'),
    ),
  ),
});
export type StepTimeline = v.InferOutput<typeof StepTimelineSchema>;

export const TimelineStepSchema = v.object({
  /** What was undone or redone. */
  change: TimelineChangeSchema,
  project: ProjectSchema,
});

export const RevisionListSchema = v.object({
  /** The revision that the project is at; null: nothing was changed yet. */
  revision: v.nullable(v.number()),
  /** Newest first. */
  revisions: v.array(
    v.object({
      number: v.number(),
      /** Null: the state that everything began with. */
      change: v.nullable(TimelineChangeSchema),
      /** The name of the token that changed it; null: a job, or a studio without tokens. */
      caller: v.nullable(v.string()),
      createdAt: v.string(),
      /** Whether it was undone: redo goes there. */
      undone: v.boolean(),
    }),
  ),
});
export type RevisionList = v.InferOutput<typeof RevisionListSchema>;

const kept = {
  id: v.string(),
  deletedAt: v.string(),
  /** When it is deleted for good. */
  keptUntil: v.string(),
};

export const BinSchema = v.object({
  /** Last deleted first. */
  scenes: v.array(
    v.object({
      ...kept,
      /** The number that it had; it is put back there. */
      sequence: v.number(),
      prompt: v.string(),
      /** Seconds. */
      duration: v.nullable(v.number()),
      /** Of its clip, else of its image. */
      posterUrl: v.nullable(v.string()),
      hasClip: v.boolean(),
    }),
  ),
  /** Last replaced first. */
  songs: v.array(v.object({ ...kept, fileName: v.string(), duration: v.number() })),
  /** Clips and images that were deleted from the project's media, last deleted first; their ids as there. */
  media: v.array(
    v.object({
      ...kept,
      kind: v.picklist(mediaKinds),
      name: v.nullable(v.string()),
      posterUrl: v.nullable(v.string()),
    }),
  ),
});
export type Bin = v.InferOutput<typeof BinSchema>;
