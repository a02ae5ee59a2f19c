import * as v from 'valibot';

/** The options keep the names that sync.so and the first version of the API gave them. */
export const LipsyncOptionsSchema = v.strictObject({
  temperature: v.optional(
    v.pipe(
      v.number('temperature must be a number from 0 (subtle) to 1 (exaggerated).'),
      v.finite('temperature must be a number from 0 (subtle) to 1 (exaggerated).'),
      v.minValue(0, 'temperature must be at least 0.'),
      v.maxValue(1, 'temperature must be at most 1.'),
    ),
    0.5,
  ),
  active_speaker_detection: v.optional(v.boolean('active_speaker_detection must be true or false.'), false),
  occlusion_detection_enabled: v.optional(
    v.boolean('occlusion_detection_enabled must be true or false.'),
    false,
  ),
  speaker: v.optional(
    v.strictObject({
      x: v.pipe(v.number('speaker.x must be a number from 0 to 1.'), v.minValue(0), v.maxValue(1)),
      y: v.pipe(v.number('speaker.y must be a number from 0 to 1.'), v.minValue(0), v.maxValue(1)),
    }),
  ),
});

export type LipsyncOptions = v.InferOutput<typeof LipsyncOptionsSchema>;
export type LipsyncOptionName = keyof LipsyncOptions;
