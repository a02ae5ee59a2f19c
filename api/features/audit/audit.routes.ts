import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { AuditPageSchema, AuditQuerySchema } from '../../contract/audit.schema';
import { answers } from '../../http/http.documentation';
import { queryParameters } from '../../http/http.validate';
import type { AuditUsecases } from './audit.usecases';

export const auditRoutes = (audit: AuditUsecases) =>
  new Hono().get(
    '/admin/audit',
    describeRoute({
      tags: ['System'],
      summary: 'Who changed what, newest first (scope admin)',
      responses: answers(AuditPageSchema, { text: 'One page of the audit log.', errors: [400, 401, 403] }),
    }),
    queryParameters(AuditQuerySchema),
    async (c) => c.json(await audit.list(c.req.valid('query')), 200),
  );
