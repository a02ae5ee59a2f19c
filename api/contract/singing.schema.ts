import * as v from 'valibot';

const share = v.pipe(v.number(), v.minValue(0), v.maxValue(1));

/** A face's box, as shares of the picture's width and height from its top left corner. */
export const FaceBoxSchema = v.object({ x: share, y: share, width: share, height: share });

/** What was seen of faces in a few pictures of a clip. */
export const FacesSchema = v.object({
  /** `unknown`: looked, and not sure: something like a face, but no certain one. */
  result: v.picklist(['found', 'none', 'unknown']),
  /** Most faces in one picture. */
  count: v.number(),
  /** Median middle of each picture's largest face, as shares of the picture. */
  middle: v.nullable(v.object({ x: share, y: share })),
  /** The pictures that were looked at, by their frame in the take's own file, largest face first. */
  seen: v.array(v.object({ frame: v.number(), faces: v.array(FaceBoxSchema) })),
});
export type Faces = v.InferOutput<typeof FacesSchema>;

const StretchSchema = v.tuple([v.number(), v.number()]);

/** Where a voice is heard in a song, in hundredths of a second: [from, to), in order. */
export const VoiceSchema = v.object({
  /** A voice, believed in and audible. */
  phrases: v.array(StretchSchema),
  /** Where a voice may be, phrases included: outside there is none. */
  possible: v.array(StretchSchema),
});
export type Voice = v.InferOutput<typeof VoiceSchema>;

/**
 * Whether there is anything to lip-sync in a scene: somebody to be seen and a voice to be heard. `looking`: a new
 * clip is looked at for faces; `unknown`: not sure, or it could not be looked at.
 */
export const singingStates = ['singing', 'no-face', 'no-voice', 'looking', 'unknown'] as const;
export type Singing = (typeof singingStates)[number];
