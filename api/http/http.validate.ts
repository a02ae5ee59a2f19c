import type { Context, Env, Input, MiddlewareHandler, Next } from 'hono';
import { type DescribeRouteOptions, resolver, uniqueSymbol, validator } from 'hono-openapi';
import * as v from 'valibot';
import { AppError } from '../shared/errors';
import { type FieldIssue, fieldIssue, type Issue, namedSentence } from './issue-words.rules';

/** The error for input that doesn't fit its schema: names each field and what it must be. */
export function badInput(issues: readonly FieldIssue[]): AppError {
  return new AppError({
    code: 'BadRequest',
    message: issues.map(namedSentence).join(' '),
    details: issues,
  });
}

export function issuesOf(issues: readonly Issue[]): FieldIssue[] {
  return issues.map(fieldIssue);
}

type AnySchema = v.GenericSchema;

/** A JSON body checked by a schema and shown on the OpenAPI page. */
export const jsonBody = <Schema extends AnySchema>(schema: Schema) =>
  validator('json', schema, (result) => {
    if (!result.success) throw badInput(issuesOf(result.error));
  });

/** Query parameters checked by a schema and shown on the OpenAPI page. */
export const queryParameters = <Schema extends AnySchema>(schema: Schema) =>
  validator('query', schema, (result) => {
    if (!result.success) throw badInput(issuesOf(result.error));
  });

/**
 * Says what a route takes that its handler reads by itself: to the typed client by the type, on the OpenAPI
 * page by the description. It checks nothing.
 */
export function takes<Taken extends NonNullable<Input['in']>>(
  description: DescribeRouteOptions,
): MiddlewareHandler<Env, string, { in: Taken; out: object }> {
  return described(description, (_, next) => next());
}

const described = <Handler extends object>(spec: DescribeRouteOptions, handler: Handler): Handler =>
  Object.assign(handler, { [uniqueSymbol]: { spec } });

/** To the client a body may be left out where each of its fields may. */
type JsonInput<Schema extends AnySchema> =
  Record<never, never> extends v.InferInput<Schema>
    ? { json?: v.InferInput<Schema> }
    : { json: v.InferInput<Schema> };

type JsonTaken<Schema extends AnySchema, Body> = MiddlewareHandler<
  Env,
  string,
  { in: JsonInput<Schema>; out: { json: Body } }
>;

const bodyOf = (schema: AnySchema): DescribeRouteOptions => ({
  requestBody: {
    required: !v.is(schema, {}),
    content: { 'application/json': { schema: resolver(schema) } },
  },
});

/**
 * A JSON object with any Content-Type or none, or no body at all where the schema takes `{}`; checked by
 * the schema and shown on the OpenAPI page.
 */
export function jsonObject<Schema extends v.GenericSchema<unknown, object>>(
  schema: Schema,
): JsonTaken<Schema, v.InferOutput<Schema>> {
  return described(bodyOf(schema), async (c: Context, next: Next) => {
    c.req.addValidatedData('json', parseInput(schema, await readJsonObject(c)));
    await next();
  });
}

/**
 * As `jsonObject`, but the usecase checks it by `parseInput`: after the project and the scene were found, or
 * with what the query adds to it.
 */
export function uncheckedJsonObject<Schema extends AnySchema>(
  schema: Schema,
): JsonTaken<Schema, Record<string, unknown>> {
  return described(bodyOf(schema), async (c: Context, next: Next) => {
    c.req.addValidatedData('json', await readJsonObject(c));
    await next();
  });
}

/**
 * Checks a value against a schema where the check must come after others (existence before options).
 * @throws AppError 400 `BadRequest`
 */
export function parseInput<Schema extends AnySchema>(schema: Schema, input: unknown): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, input);
  if (!parsed.success) throw badInput(issuesOf(parsed.issues));
  return parsed.output;
}

/** A JSON body is small text: media goes through the upload routes. */
export const MAX_JSON_BYTES = 1024 * 1024;

/**
 * The JSON object of a request's body; `{}` when there is no body.
 * @throws AppError 400 `BadJson`, 413 `BodyTooLarge`
 */
async function readJsonObject(c: Context): Promise<Record<string, unknown>> {
  const text = await c.req.text();
  if (text.length > MAX_JSON_BYTES) {
    throw new AppError({ code: 'BodyTooLarge', message: 'A JSON body has at most 1 MiB.' });
  }
  if (text.trim() === '') return {};
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown())), text);
  if (!parsed.success) {
    throw new AppError({
      code: 'BadJson',
      message: 'The body is not a JSON object. Send for example {"temperature": 0.5}, or no body at all.',
    });
  }
  return parsed.output;
}
