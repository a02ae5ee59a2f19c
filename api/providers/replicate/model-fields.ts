import * as v from 'valibot';
import recorded from './recorded-models.json';

const FieldSchema = v.object({
  type: v.optional(v.string()),
  enum: v.optional(v.array(v.union([v.string(), v.number()]))),
  minimum: v.optional(v.number()),
  maximum: v.optional(v.number()),
});
export type ModelField = v.InferOutput<typeof FieldSchema>;
/** The input fields of a model, by name. */
export type ModelFields = Readonly<Record<string, ModelField>>;

const RecordedSchema = v.object({
  asOf: v.pipe(v.string(), v.isoDate()),
  models: v.record(v.string(), v.record(v.string(), FieldSchema)),
});

/** The recorded copy of the models' fields, for when Replicate can't be asked. */
export const recordedModels = v.parse(RecordedSchema, recorded);

const RefSchema = v.object({ $ref: v.pipe(v.string(), v.startsWith('#/components/schemas/')) });
const ModelSchema = v.object({
  latest_version: v.object({
    openapi_schema: v.object({
      components: v.object({ schemas: v.record(v.string(), v.unknown()) }),
    }),
  }),
});
const InputSchema = v.object({
  properties: v.record(v.string(), v.looseObject({ allOf: v.optional(v.array(RefSchema)) })),
});

/** The fields in the answer of `GET /models/{owner}/{name}`; null when it has none that can be read. */
export function readModelFields(answer: unknown): ModelFields | null {
  const model = v.safeParse(ModelSchema, answer);
  if (!model.success) return null;
  const { schemas } = model.output.latest_version.openapi_schema.components;
  const input = v.safeParse(InputSchema, schemas['Input']);
  if (!input.success) return null;
  const fields: Record<string, ModelField> = {};
  for (const [name, property] of Object.entries(input.output.properties)) {
    // Choices stand in a schema of their own: `allOf: [{ $ref: '#/components/schemas/aspect_ratio' }]`.
    const referred = (property.allOf ?? []).map(({ $ref }) => schemas[$ref.split('/').at(-1) ?? '']);
    const merged = Object.assign({}, ...referred.filter((part) => typeof part === 'object'), property);
    const field = v.safeParse(FieldSchema, merged);
    // A field in a form that we don't know is still a field.
    fields[name] = field.success ? field.output : {};
  }
  return fields;
}

/** The first of the names that the model has. */
export const firstField = (fields: ModelFields, ...names: string[]): string | null =>
  names.find((name) => fields[name] !== undefined) ?? null;

/** The value among a field's choices, in the type that the field wants; null when it has none such. */
export function chooseValue(
  fields: ModelFields,
  name: string,
  value: string | number,
): string | number | null {
  const field = fields[name];
  if (field === undefined) return null;
  if (field.enum === undefined) return field.type === 'string' ? String(value) : value;
  return field.enum.find((choice) => String(choice) === String(value)) ?? null;
}

/** The `w:h` choice nearest to a format; null when the field has none. */
export function nearestAspect(
  fields: ModelFields,
  name: string,
  width: number,
  height: number,
): string | null {
  const wanted = Math.log(width / height);
  const ratios = (fields[name]?.enum ?? []).flatMap((choice) => {
    const [w, h] = String(choice).split(':').map(Number);
    return w && h ? [{ choice: String(choice), distance: Math.abs(Math.log(w / h) - wanted) }] : [];
  });
  return ratios.sort((a, b) => a.distance - b.distance)[0]?.choice ?? null;
}
