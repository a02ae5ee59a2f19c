import * as v from 'valibot';
import type { JsonSchema } from './schema.arbitraries';

const DocumentSchema = v.object({
  paths: v.record(
    v.string(),
    v.record(
      v.string(),
      v.object({
        parameters: v.optional(
          v.array(v.object({ name: v.string(), in: v.string(), schema: v.optional(v.unknown()) })),
          [],
        ),
        requestBody: v.optional(
          v.object({ content: v.record(v.string(), v.object({ schema: v.optional(v.unknown()) })) }),
        ),
        responses: v.record(v.string(), v.unknown()),
      }),
    ),
  ),
  components: v.optional(v.object({ schemas: v.optional(v.record(v.string(), v.unknown())) })),
});

/** An operation of the API as its own document has it. */
export type Operation = {
  method: string;
  path: string;
  query: string[];
  /** Headers that the document names, but for `Prefer`, which always asks not to wait. */
  headers: { name: string; schema: JsonSchema }[];
  /** Of the JSON body; null when the operation takes none. */
  schema: JsonSchema | null;
  /** Content types of files that it takes. */
  fileTypes: string[];
  statuses: Set<string>;
};

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;

/** All operations of the studio at `url`, from its `/openapi.json`. */
export async function readOperations(url: string): Promise<Operation[]> {
  const response = await fetch(`${url}/openapi.json`);
  const document = v.parse(DocumentSchema, await response.json());
  const schemas = document.components?.schemas ?? {};
  const resolve = (schema: unknown): JsonSchema | null => {
    if (!isSchema(schema)) return null;
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : resolve(schemas[name]);
  };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const content = operation.requestBody?.content ?? {};
      return {
        method: method.toUpperCase(),
        path,
        query: operation.parameters.filter((one) => one.in === 'query').map((one) => one.name),
        headers: operation.parameters
          .filter((one) => one.in === 'header' && one.name !== 'Prefer')
          .map(({ name, schema: its }) => ({ name, schema: resolve(its) ?? {} })),
        schema: resolve(content['application/json']?.schema),
        fileTypes: Object.keys(content).filter((type) => /octet-stream$/.test(type)),
        statuses: new Set(Object.keys(operation.responses)),
      };
    }),
  );
}
