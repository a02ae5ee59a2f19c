import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { StudioSchema } from '../../contract/studio.schema';
import { answers } from '../../http/http.documentation';
import type { StudioUsecases } from './studio.usecases';

export const studioRoutes = (studio: StudioUsecases) =>
  new Hono().get(
    '/studio',
    describeRoute({
      tags: ['System'],
      summary: 'What this studio is: version, providers, storage used',
      responses: answers(StudioSchema, { text: 'The studio.' }),
    }),
    async (c) => c.json(await studio.read(), 200),
  );
