import { describe, expect, test } from 'bun:test';
import { Hono } from 'hono';
import { hc } from 'hono/client';
import { generateSpecs } from 'hono-openapi';
import * as v from 'valibot';
import { SignInSchema } from '../contract/access.schema';
import { AuditQuerySchema } from '../contract/audit.schema';
import * as generate from '../contract/generate.schema';
import { BatchLipsyncRequestSchema, SceneLipsyncRequestSchema } from '../contract/lipsync.schema';
import * as project from '../contract/project.schema';
import { ApplyProposalSchema } from '../contract/proposal.schema';
import * as scene from '../contract/scene.schema';
import { StandaloneLipsyncSchema } from '../contract/video.schema';
import { AppError } from '../shared/errors';
import {
  jsonBody,
  jsonObject,
  MAX_JSON_BYTES,
  parseInput,
  takes,
  uncheckedJsonObject,
} from './http.validate';

/** What a body that doesn't fit is answered with; null when it fits. */
async function refusal(schema: v.GenericSchema, body: unknown): Promise<string | null> {
  const app = new Hono()
    .post('/', jsonBody(schema), (c) => c.body(null, 204))
    .onError((error, c) => c.json({ message: error.message }, 400));
  const answer = await app.request('/', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer.status === 204
    ? null
    : v.parse(v.object({ message: v.string() }), await answer.json()).message;
}

describe('what is wrong with a body is said in words', () => {
  test.each([
    ['nothing sent', project.CreateProjectSchema, {}, 'title is missing.'],
    ['a list', project.CreateProjectSchema, [], 'title is missing.'],
    ['of another type', scene.CreateSceneSchema, { prompt: 5 }, 'prompt must be text.'],
    [
      'a field that there is not',
      scene.CreateSceneSchema,
      { promt: 'Rain' },
      'promt: There is no such field; check its spelling.',
    ],
    [
      'its name once',
      SceneLipsyncRequestSchema,
      { temperature: 'hot' },
      'temperature must be a number from 0 (subtle) to 1 (exaggerated).',
    ],
    [
      'within another, with both names',
      project.CreateProjectSchema,
      { title: 'A', format: { width: 1281, height: 720, fps: 25 } },
      'format.width must be an even number of pixels.',
    ],
    [
      'too small',
      SceneLipsyncRequestSchema,
      { speaker: { x: -1, y: 2 } },
      'speaker.x must be at least 0. speaker.y must be at most 1.',
    ],
    [
      'a part',
      generate.StandaloneVideoSchema,
      { prompt: 'A', project_id: crypto.randomUUID(), sequence: 1.5 },
      'sequence must be a whole number.',
    ],
    ['an empty text', SceneLipsyncRequestSchema, { model: '' }, 'model must not be empty.'],
    [
      'a list that holds something else',
      scene.ReorderSchema,
      { sceneIds: [1] },
      'sceneIds is the list of all scene ids in their new order.',
    ],
    ['what is no list', scene.ReorderSchema, { sceneIds: 'all' }, 'sceneIds must be a list.'],
    ['no field at all', scene.TrimSchema, {}, /^Give \{ "in", "out" \} in seconds or/],
  ])('%s', async (_, schema, body, words) => {
    expect(await refusal(schema, body)).toMatch(words);
    if (typeof words === 'string') expect(await refusal(schema, body)).toBe(words);
  });

  test('a choice, several at once, and what valibot has no type for', () => {
    const schema = v.strictObject({
      rate: v.union([v.literal('auto'), v.number()]),
      tags: v.pipe(v.array(v.string()), v.maxLength(2)),
      name: v.pipe(v.string(), v.minLength(2)),
      code: v.pipe(v.string(), v.regex(/^\d+$/)),
      whole: v.pipe(v.number(), v.finite()),
      isOn: v.boolean(),
    });
    const body = {
      rate: true,
      tags: ['a', 'b', 'c'],
      name: 'a',
      code: 'x',
      whole: Number.POSITIVE_INFINITY,
      isOn: 'yes',
    };
    expect(() => parseInput(schema, body)).toThrow(
      'rate must be "auto" or a number. tags must have at most 2 entries. name must have at least 2 characters. code has a form that is not allowed here. whole has a value that is not allowed here. isOn must be true or false.',
    );
    expect(() => parseInput(v.string(), 5)).toThrow('The body must be text.');
  });

  test('the fields are listed beside it', () => {
    try {
      parseInput(SceneLipsyncRequestSchema, { temperature: 2, speaker: { x: 0 } });
    } catch (error) {
      expect(error instanceof AppError && error.details).toEqual([
        { field: 'temperature', message: 'temperature must be at most 1.' },
        { field: 'speaker.y', message: 'speaker.y is missing.' },
      ]);
    }
    expect.assertions(1);
  });
});

test('nothing that a body can be is answered with valibot’s own words or a doubled name', async () => {
  const schemas = {
    SignInSchema,
    AuditQuerySchema,
    ApplyProposalSchema,
    StandaloneLipsyncSchema,
    BatchLipsyncRequestSchema,
    SceneLipsyncRequestSchema,
    Create: project.CreateProjectSchema,
    Update: project.UpdateProjectSchema,
    Duplicate: project.DuplicateProjectSchema,
    List: project.ListProjectsQuerySchema,
    Scene: scene.CreateSceneSchema,
    UpdateScene: scene.UpdateSceneSchema,
    Trim: scene.TrimSchema,
    Split: scene.SplitSceneSchema,
    Reorder: scene.ReorderSchema,
    Image: generate.GenerateImageSchema,
    Video: generate.GenerateVideoSchema,
    Standalone: generate.StandaloneVideoSchema,
    Character: generate.CharacterReferenceSchema,
  };
  const values = [
    null,
    1.5,
    -1,
    1e9,
    'x',
    '',
    'x'.repeat(30_000),
    true,
    [],
    [1],
    ['x'],
    {},
    { x: 2, width: '' },
  ];
  const told: string[] = [];
  for (const schema of Object.values(schemas)) {
    for (const value of values) {
      const body = Object.fromEntries(Object.keys(schema.entries).map((name) => [name, value]));
      told.push((await refusal(schema, body)) ?? 'fits');
    }
    told.push((await refusal(schema, {})) ?? 'fits', (await refusal(schema, { other: 1 })) ?? 'fits');
  }
  expect(told.filter((text) => /Invalid |Expected |[Rr]eceived /.test(text))).toEqual([]);
  expect(told.filter((text) => /\b(\w+): (?:\w+\.)*\1\b/.test(text))).toEqual([]);
});

describe('a body that may be left out', () => {
  const schema = v.strictObject({ strength: v.optional(v.number(), 0.5) });
  const needed = v.strictObject({ prompt: v.string() });
  const app = new Hono()
    .post(
      '/checked',
      takes<{ query?: { note?: string } }>({ parameters: [{ name: 'note', in: 'query' }] }),
      jsonObject(schema),
      (c) => c.json(c.req.valid('json'), 200),
    )
    .post('/unchecked', uncheckedJsonObject(schema), (c) => c.json(c.req.valid('json'), 200))
    .post('/needed', jsonObject(needed), (c) => c.json(c.req.valid('json'), 200))
    .onError((error, c) => c.json({ code: error instanceof AppError ? error.code : String(error) }, 400));
  const send = async (path: string, body?: string) =>
    (await app.request(path, { method: 'POST', ...(body === undefined ? {} : { body }) })).json();

  test('is taken with any Content-Type, and none is {}', async () => {
    expect(await send('/checked', '{"strength": 1}')).toEqual({ strength: 1 });
    expect(await send('/checked')).toEqual({ strength: 0.5 });
    expect(await send('/checked', ' ')).toEqual({ strength: 0.5 });
  });

  test('is checked by the schema, or left to who checks it later', async () => {
    expect(await send('/checked', '{"strength": "much"}')).toEqual({ code: 'BadRequest' });
    expect(await send('/unchecked', '{"strength": "much"}')).toEqual({ strength: 'much' });
    expect(await send('/needed')).toEqual({ code: 'BadRequest' });
  });

  test.each(['/checked', '/unchecked'])('that is no object or too large is refused: %s', async (path) => {
    expect(await send(path, '{')).toEqual({ code: 'BadJson' });
    expect(await send(path, '"text"')).toEqual({ code: 'BadJson' });
    expect(await send(path, `{"strength": ${'1'.repeat(MAX_JSON_BYTES)}}`)).toEqual({ code: 'BodyTooLarge' });
  });

  test('is described, and is known to the typed client', async () => {
    const { paths } = await generateSpecs(app);
    const [checked, , last] = Object.values(paths).map((path) => path.post);
    expect(checked?.requestBody).toMatchObject({ required: false });
    expect(checked?.parameters).toEqual([{ name: 'note', in: 'query' }]);
    expect(last?.requestBody).toMatchObject({
      required: true,
      content: { 'application/json': { schema: { required: ['prompt'] } } },
    });
    const client = hc<typeof app>('http://studio', { fetch: app.request });
    const answer = await client.checked.$post({ json: { strength: 0.25 }, query: { note: 'a' } });
    expect(await answer.json()).toEqual({ strength: 0.25 });
    expect((await client.checked.$post()).ok).toBe(true);
    // @ts-expect-error the body's schema is known: this one has no such field
    expect((await client.unchecked.$post({ json: { strenght: 1 } })).ok).toBe(true);
  });
});
