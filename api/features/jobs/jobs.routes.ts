import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import * as v from 'valibot';
import { JobSchema, StudioJobSchema } from '../../contract/job.schema';
import { answers } from '../../http/http.documentation';
import type { JobUsecases } from './jobs.usecases';

const tags = ['Jobs'];

export const jobRoutes = (jobs: JobUsecases) =>
  new Hono()
    .get(
      '/projects/:projectId/jobs',
      describeRoute({
        tags,
        summary: 'The newest 200 jobs of a project',
        responses: answers(v.object({ jobs: v.array(JobSchema) }), { text: 'Newest first.', errors: [404] }),
      }),
      async (c) => c.json({ jobs: await jobs.list(c.req.param('projectId')) }, 200),
    )
    .get(
      '/jobs',
      describeRoute({
        tags,
        summary: 'The jobs that run now and those that ended lately, of all projects',
        responses: answers(v.object({ jobs: v.array(StudioJobSchema) }), { text: 'Newest first.' }),
      }),
      async (c) => c.json({ jobs: await jobs.listRecent() }, 200),
    )
    .get(
      '/jobs/:jobId',
      describeRoute({
        tags,
        summary: 'Read a job',
        responses: answers(JobSchema, { text: 'The job.', errors: [404] }),
      }),
      async (c) => c.json(await jobs.read(c.req.param('jobId')), 200),
    )
    .post(
      '/jobs/:jobId/cancel',
      describeRoute({
        tags,
        summary: 'Cancel a job',
        description: 'A queued job ends at once; a running one is asked to stop and ends within seconds.',
        responses: answers(JobSchema, { text: 'The job.', errors: [404, 409] }),
      }),
      async (c) => c.json(await jobs.cancel(c.req.param('jobId')), 200),
    )
    .post(
      '/jobs/:jobId/retry',
      describeRoute({
        tags,
        summary: 'Run a failed or canceled job again',
        responses: answers(JobSchema, { text: 'The job, queued again.', errors: [404, 409] }),
      }),
      async (c) => c.json(await jobs.retry(c.req.param('jobId')), 200),
    )
    .post(
      '/jobs/:jobId/dismiss',
      describeRoute({
        tags,
        summary: 'Put the message of a failed job away: its scene does not show it any more',
        responses: answers(JobSchema, { text: 'The job.', errors: [404] }),
      }),
      async (c) => c.json(await jobs.dismiss(c.req.param('jobId')), 200),
    );
