import { type Context, Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import type { PartState, SystemUsecases } from './system.usecases';

const tags = ['System'];

/** `isKnown`: whether the caller may read why a part is not ready; anybody may know which. */
export const systemRoutes = (system: SystemUsecases, isKnown: (c: Context) => Promise<boolean>) =>
  new Hono()
    .get(
      '/healthz',
      describeRoute({
        tags,
        summary: 'The process is alive',
        security: [],
        responses: { 200: { description: 'Alive.' } },
      }),
      (c) => c.json({ ok: true }, 200),
    )
    .get(
      '/readyz',
      describeRoute({
        tags,
        summary: 'Whether database, storage, queue, disk and the process itself are ready, each by name',
        security: [],
        responses: { 200: { description: 'All ready.' }, 503: { description: 'Names what is not ready.' } },
      }),
      async (c) => {
        const { ready, parts } = await system.readiness();
        // While the database is away nobody can be known.
        const known = await isKnown(c).catch(() => false);
        const shown: Record<string, PartState> = known
          ? parts
          : Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, { ready: part.ready }]));
        return c.json({ ready, parts: shown }, ready ? 200 : 503);
      },
    )
    .get(
      '/metrics',
      describeRoute({
        tags,
        summary: 'Figures for Prometheus',
        responses: { 200: { description: 'Text format.', content: { 'text/plain': {} } } },
      }),
      async (c) => {
        const { text, contentType } = await system.metrics();
        return c.body(text, 200, { 'Content-Type': contentType });
      },
    );
