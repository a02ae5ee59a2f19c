import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { ProvidersSchema } from '../../contract/provider.schema';
import { answers } from '../../http/http.documentation';
import type { ProviderUsecases } from '../../provider-work/providers.usecases';

export const providerRoutes = (providers: Pick<ProviderUsecases, 'list'>) =>
  new Hono().get(
    '/providers',
    describeRoute({
      tags: ['Providers'],
      summary:
        'Who can make lip-syncs, images and clips here, by which models, with which options and prices',
      description:
        'Only those that are switched on. A request chooses by `provider` and `model`; an option that a model does not list is ignored and named in the result.',
      responses: answers(ProvidersSchema, { text: 'Of each provider its default model first.' }),
    }),
    (c) => c.json(providers.list(), 200),
  );
