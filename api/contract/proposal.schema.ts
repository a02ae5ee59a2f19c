import * as v from 'valibot';
import { SceneSchema } from './scene.schema';

const stretch = {
  startFrame: v.number(),
  endFrame: v.number(),
  start: v.number(),
  end: v.number(),
  /** How loud it is, 0..1 of the loudest. */
  energy: v.number(),
};

export const SceneProposalSchema = v.object({
  songId: v.string(),
  fps: v.number(),
  /** Seconds of the song. */
  duration: v.number(),
  /** Beats per minute; null: no steady beat was found. */
  bpm: v.nullable(v.number()),
  /** Where the song changes. */
  sections: v.array(v.object(stretch)),
  /** Scenes one after the other, from frame 0 to the song's last. */
  scenes: v.array(v.object({ sequence: v.number(), ...stretch, frames: v.number(), duration: v.number() })),
});
export type SceneProposal = v.InferOutput<typeof SceneProposalSchema>;

/** More than anyone edits by hand. */
const MOST_SCENES = 200;
const wrong = `scenes must be a whole number from 1 to ${MOST_SCENES}.`;
const count = v.pipe(v.number(wrong), v.integer(wrong), v.minValue(1, wrong), v.maxValue(MOST_SCENES, wrong));

export const ProposeScenesQuerySchema = v.object({
  scenes: v.optional(v.pipe(v.string(), v.regex(/^\d{1,6}$/, wrong), v.transform(Number), count)),
});
export const ApplyProposalSchema = v.strictObject({ scenes: v.optional(count) });

export const ProposedScenesSchema = v.object({ scenes: v.array(SceneSchema) });
