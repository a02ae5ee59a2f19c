import fc from 'fast-check';

/** The part of JSON Schema that the API's document uses. */
export type JsonSchema = {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  prefixItems?: JsonSchema[];
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
  $ref?: string;
};

/** Longest text that is made to fit; limits of the schemas are tried by `near` at their very edge. */
const MOST_TEXT = 60;

/** URLs that must not be fetched, and texts that are none. None names a host that would be looked up. */
export const urls = fc.constantFrom(
  'http://127.0.0.1:1/x.mp4',
  'https://[::1]:1/x',
  'http://169.254.169.254/latest/meta-data',
  'http://0x7f000001:1/',
  'file:///etc/passwd',
  'data:video/mp4;base64,AAAA',
  's3://songreel/x',
  'http://user:secret@127.0.0.1:1/',
  'ht!tp://',
  '//127.0.0.1/x',
  '',
);

/** Every text that JavaScript can hold: NUL and halves of surrogate pairs are among it, often. */
export const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0xd83d, 0xde00, 0x61)), {
    maxLength: MOST_TEXT,
  })
  .map((units) => String.fromCharCode(...units));

/** What nobody foresees in JSON. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    'null',
    'undefined',
    "' or 1=1 --",
    '../../etc/passwd',
    '%00',
    '{{7*7}}',
    '<script>alert(1)</script>',
    '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \u202e',
    Number.MAX_SAFE_INTEGER,
    -1,
    0,
    1e308,
    -1e308,
    0.1,
    2 ** 31,
    2 ** 63,
    [],
    {},
    [[[[[[]]]]]],
  ),
  fc.constant('x'.repeat(21_000)),
  fc.constant(JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}')),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: 'binary', maxLength: MOST_TEXT }),
  anyText,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Values that the schema allows (to the letter of what it says; some texts are such as nobody can store). `named`: values for fields of a name. */
export function valid(
  schema: JsonSchema,
  named: (field: string) => fc.Arbitrary<unknown> | null,
  field = '',
): fc.Arbitrary<unknown> {
  const own = named(field);
  if (own !== null) return own;
  const inner = (one: JsonSchema) => valid(one, named, field);
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map(inner));
  if (schema.allOf) return fc.tuple(...schema.allOf.map(inner)).map((parts) => Object.assign({}, ...parts));
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object': {
      const fields = Object.entries(schema.properties ?? {});
      const required = new Set(schema.required ?? []);
      return fc.record(Object.fromEntries(fields.map(([name, one]) => [name, valid(one, named, name)])), {
        requiredKeys: fields.map(([name]) => name).filter((name) => required.has(name)),
        noNullPrototype: true,
      });
    }
    case 'array':
      return fc.array(inner(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, 6),
      });
    case 'string':
      return schema.pattern === undefined
        ? fc.oneof(
            {
              weight: 6,
              arbitrary: fc.string({
                unit: 'grapheme',
                minLength: schema.minLength ?? 0,
                maxLength: Math.min(schema.maxLength ?? MOST_TEXT, MOST_TEXT),
              }),
            },
            { weight: 1, arbitrary: anyText },
          )
        : fc.stringMatching(new RegExp(schema.pattern), { maxLength: MOST_TEXT });
    case 'integer':
    case 'number': {
      const [min, max] = [schema.minimum ?? 0, schema.maximum ?? 100_000];
      const step = schema.multipleOf ?? (schema.type === 'integer' ? 1 : null);
      if (step === null) return fc.double({ min, max, noNaN: true });
      return fc
        .integer({ min: Math.ceil(min / step), max: Math.floor(max / step) })
        .map((count) => count * step);
    }
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

/** Values that are almost allowed: one field left out, added, or with a value at or over its edge. */
export function near(
  schema: JsonSchema,
  named: (field: string) => fc.Arbitrary<unknown> | null,
): fc.Arbitrary<unknown> {
  return fc
    .tuple(valid(schema, named), fc.nat(), fc.constantFrom('drop', 'add', 'spoil', 'edge'), hostile)
    .map(([value, at, change, bad]) => {
      if (!isObject(value)) return bad;
      const names = Object.keys(value);
      const name = names[at % Math.max(1, names.length)];
      if (name === undefined || change === 'add') return { ...value, [`field${at % 7}`]: bad };
      if (change === 'spoil') return { ...value, [name]: bad };
      if (change === 'edge') return { ...value, [name]: overTheEdge(schema.properties?.[name] ?? {}, at) };
      const { [name]: _dropped, ...rest } = value;
      return rest;
    });
}

function overTheEdge(schema: JsonSchema, at: number): unknown {
  const edges: unknown[] = [];
  if (schema.minimum !== undefined) edges.push(schema.minimum, schema.minimum - 1);
  if (schema.maximum !== undefined) edges.push(schema.maximum, schema.maximum + 1, schema.maximum - 0.5);
  if (schema.maxLength !== undefined) {
    edges.push('x'.repeat(schema.maxLength), 'x'.repeat(schema.maxLength + 1), '𝔘'.repeat(schema.maxLength));
  }
  if (schema.minLength !== undefined) edges.push('', ' '.repeat(schema.minLength));
  return edges[at % Math.max(1, edges.length)] ?? null;
}
