import { expect, test } from 'bun:test';
import { Hono } from 'hono';
import { describeRoute, generateSpecs } from 'hono-openapi';
import { failures } from './http.documentation';

test('the OpenAPI document lists the codes of errors once; every answer with an error refers to it', async () => {
  const app = new Hono()
    .get('/a', describeRoute({ responses: failures([404]) }), (c) => c.text('a'))
    .get('/b', describeRoute({ responses: failures([409]) }), (c) => c.text('b'));
  const document = await generateSpecs(app);
  const answer = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } };
  expect(document.paths).toMatchObject({
    '/a': { get: { responses: { 400: answer, 404: answer } } },
    '/b': { get: { responses: { 409: answer } } },
  });
  const schema = document.components?.schemas?.['Error'];
  expect(schema).toMatchObject({ properties: { error: { enum: expect.arrayContaining(['SceneBusy']) } } });
  // What only a command tells is never answered.
  expect(JSON.stringify(schema)).not.toContain('TokenNameTaken');
});
