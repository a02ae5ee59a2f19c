import { expect, test } from 'bun:test';
import { Hono } from 'hono';
import { hc } from 'hono/client';
import * as v from 'valibot';
import { defineJob } from '../work/define-job';
import { featureList } from './feature-list';

const oneFeature = (given: { word: string }) => ({
  routes: new Hono().get('/one/:id', (c) => c.json({ word: given.word, id: c.req.param('id') }, 200)),
  completions: { 'one.made': async () => undefined },
});
const jobOf = <const Kind extends 'upload_image' | 'generate_image'>(kind: Kind) =>
  defineJob({
    kind,
    pool: 'ffmpeg',
    options: v.object({}),
    result: v.object({}),
    completions: { [`${kind}.made`]: v.object({}) },
  }).by({ complete: { [`${kind}.made`]: async () => undefined }, run: async () => undefined });
const twoFeature = (given: { count: number }) => ({
  routes: new Hono()
    .get('/two', (c) => c.json({ count: given.count }, 200))
    .post('/two', (c) => c.json({ made: true }, 201)),
  jobs: [jobOf('upload_image'), jobOf('generate_image')],
});

const list = featureList().add(oneFeature).add(twoFeature);

test('features become one: routes that a typed client knows, jobs and completions', async () => {
  const { routes, jobs, completions } = list.make({ word: 'song', count: 2 });
  const client = hc<typeof routes>('http://studio', {
    fetch: async (input: string | Request | URL) => routes.request(String(input)),
  });
  const one: { word: string; id: string } = await (
    await client.one[':id'].$get({ param: { id: '7' } })
  ).json();
  const two: { count: number } = await (await client.two.$get()).json();
  expect([one, two]).toEqual([{ word: 'song', id: '7' }, { count: 2 }]);
  expect(jobs.map(({ kind }) => kind)).toEqual(['upload_image', 'generate_image']);
  expect(Object.keys(completions)).toEqual(['one.made']);
});

test('what a feature needs is asked for, and what none has is not there', () => {
  const wrong = [
    // @ts-expect-error oneFeature needs a word
    () => list.make({ count: 2 }),
    () => {
      const { routes } = list.make({ word: '', count: 0 });
      // @ts-expect-error no feature has this route
      return hc<typeof routes>('http://studio').three;
    },
  ];
  expect(wrong).toHaveLength(2);
});
