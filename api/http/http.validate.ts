import type { Context } from 'hono';
import { validator } from 'hono-openapi';
import * as v from 'valibot';
import { AppError } from '../shared/errors';
import { type FieldIssue, fieldIssue, type Issue, namedSentence } from './issue-words.rules';

/** The error for input that doesn't fit its schema: names each field and what it must be. */
export function badInput(issues: readonly FieldIssue[]): AppError {
  return new AppError({
    code: 'BadRequest',
    status: 400,
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
export async function readJsonObject(c: Context): Promise<Record<string, unknown>> {
  const text = await c.req.text();
  if (text.length > MAX_JSON_BYTES) {
    throw new AppError({ code: 'BodyTooLarge', status: 413, message: 'A JSON body has at most 1 MiB.' });
  }
  if (text.trim() === '') return {};
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown())), text);
  if (!parsed.success) {
    throw new AppError({
      code: 'BadJson',
      status: 400,
      message: 'The body is not a JSON object. Send for example {"temperature": 0.5}, or no body at all.',
    });
  }
  return parsed.output;
}
