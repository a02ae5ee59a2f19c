import * as v from 'valibot';
import { IdSchema } from './ids.schema';
import { TakeSchema } from './take.schema';

export const mediaKinds = ['clip', 'image'] as const;
export type MediaKind = (typeof mediaKinds)[number];

/** A clip or image of a project, however many scenes use it: by its content, so that it is there once. */
export const MediaSchema = v.object({
  /** SHA-256 of the file as it was brought, in hex. */
  id: v.string(),
  kind: v.picklist(mediaKinds),
  /** Of the file as it was brought; null when it was generated. */
  name: v.nullable(v.string()),
  /** One of its takes, for its pictures, length and size. */
  take: TakeSchema,
  /** The scenes that use it as their original clip or as their image, in order. */
  uses: v.array(v.object({ sceneId: v.string(), sequence: v.number() })),
  /** When it first came into the project. */
  createdAt: v.string(),
});
export type Media = v.InferOutput<typeof MediaSchema>;

export const MediaListSchema = v.object({ media: v.array(MediaSchema) });

export const UseMediaSchema = v.strictObject({
  /** The scenes that are to use it. */
  sceneIds: v.pipe(
    v.array(IdSchema),
    v.minLength(1, 'sceneIds names at least one scene.'),
    v.maxLength(1000, 'sceneIds names at most 1000 scenes.'),
  ),
});

export const ReplaceMediaSchema = v.strictObject({
  /** The id of the media that takes its place. */
  with: v.string('with is the id of other media of the project.'),
});
