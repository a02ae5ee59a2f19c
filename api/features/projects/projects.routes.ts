import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import {
  CreateProjectSchema,
  FinalVideoSchema,
  ListProjectsQuerySchema,
  PeaksSchema,
  ProjectListSchema,
  ProjectSchema,
  UpdateProjectSchema,
} from '../../contract/project.schema';
import { answers } from '../http/http.documentation';
import { jsonBody, queryParameters } from '../http/http.validate';
import type { ProjectUsecases } from './projects.usecases';
import type { SongPeaksUsecases } from './song-peaks.usecases';

const tags = ['Projects'];

export const projectRoutes = (projects: ProjectUsecases, songPeaks: SongPeaksUsecases) =>
  new Hono()
    .post(
      '/projects',
      describeRoute({
        tags,
        summary: 'Create a project',
        responses: answers(ProjectSchema, { status: 201, text: 'The new project.', errors: [400] }),
      }),
      jsonBody(CreateProjectSchema),
      async (c) => {
        const project = await projects.create(c.req.valid('json'));
        return c.json(project, 201, { Location: `/api/mv/projects/${project.id}` });
      },
    )
    .get(
      '/projects',
      describeRoute({
        tags,
        summary: 'List projects, last changed first',
        responses: answers(ProjectListSchema, { text: 'One page of projects.', errors: [400] }),
      }),
      queryParameters(ListProjectsQuerySchema),
      async (c) => c.json(await projects.list(c.req.valid('query')), 200),
    )
    .get(
      '/projects/:projectId',
      describeRoute({
        tags,
        summary: 'Read a project with its scenes, places in time, takes and work in progress',
        responses: answers(ProjectSchema, { text: 'The project.', errors: [404] }),
      }),
      async (c) => c.json(await projects.read(c.req.param('projectId')), 200),
    )
    .patch(
      '/projects/:projectId',
      describeRoute({
        tags,
        summary: 'Change texts, or the format as long as no clip was made for it',
        responses: answers(ProjectSchema, { text: 'The changed project.', errors: [400, 404, 409] }),
      }),
      jsonBody(UpdateProjectSchema),
      async (c) => c.json(await projects.update(c.req.param('projectId'), c.req.valid('json')), 200),
    )
    .delete(
      '/projects/:projectId',
      describeRoute({
        tags,
        summary: 'Delete a project with all its media',
        responses: answers(ProjectSchema, { status: 204, text: 'Deleted.', errors: [404, 409] }),
      }),
      async (c) => {
        await projects.remove(c.req.param('projectId'));
        return c.body(null, 204);
      },
    )
    .get(
      '/projects/:projectId/audio/peaks',
      describeRoute({
        tags,
        summary: 'How loud the song is over time, for drawing its waveform',
        responses: answers(PeaksSchema, {
          text: 'One number for each hundredth of a second.',
          errors: [400, 404],
        }),
      }),
      async (c) => c.json(await songPeaks.read(c.req.param('projectId'), c.req.raw.signal), 200),
    )
    .get(
      '/projects/:projectId/final-video',
      describeRoute({
        tags,
        summary: 'The newest composed video, and whether it is out of date',
        responses: answers(FinalVideoSchema, { text: 'The finished video.', errors: [404] }),
      }),
      async (c) => c.json(await projects.finalVideo(c.req.param('projectId')), 200),
    );
