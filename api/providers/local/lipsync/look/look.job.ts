import * as v from 'valibot';

/** What the process that looks is told, as one line of JSON on its standard input. */
export const LookJobSchema = v.variant('at', [
  v.strictObject({
    at: v.literal('faces'),
    ffmpegPath: v.string(),
    /** A clip of constant frame rate. */
    path: v.string(),
    width: v.number(),
    height: v.number(),
    fps: v.number(),
    frames: v.number(),
  }),
  v.strictObject({
    at: v.literal('voice'),
    ffmpegPath: v.string(),
    path: v.string(),
    seconds: v.number(),
  }),
]);
export type LookJob = v.InferOutput<typeof LookJobSchema>;
export type FacesJob = Extract<LookJob, { at: 'faces' }>;
export type VoiceJob = Extract<LookJob, { at: 'voice' }>;
