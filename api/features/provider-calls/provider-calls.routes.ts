import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { LedgerSchema } from '../../contract/provider.schema';
import { answers } from '../../http/http.documentation';
import type { ProviderCallUsecases } from '../../provider-work/provider-calls.usecases';

export const ledgerRoutes = (calls: ProviderCallUsecases) =>
  new Hono().get(
    '/projects/:projectId/ledger',
    describeRoute({
      tags: ['Providers'],
      summary: 'What a project has cost',
      description:
        'Every call to a provider that costs money, oldest first, with what was charged. Calls whose outcome is unknown count against the budget with their estimate.',
      responses: answers(LedgerSchema, { text: 'The ledger.', errors: [404] }),
    }),
    async (c) => c.json(await calls.ledger(c.req.param('projectId')), 200),
  );
