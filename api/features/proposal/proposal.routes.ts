import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import {
  ApplyProposalSchema,
  ProposedScenesSchema,
  ProposeScenesQuerySchema,
  SceneProposalSchema,
} from '../../contract/proposal.schema';
import { SongStructureSchema } from '../../contract/song-structure.schema';
import { answers } from '../../http/http.documentation';
import { jsonBody, queryParameters } from '../../http/http.validate';
import type { ProposalUsecases } from './proposal.usecases';
import type { SongStructureUsecases } from './song-structure.usecases';

const tags = ['Scenes'];

export const proposalRoutes = (proposal: ProposalUsecases, structure: SongStructureUsecases) =>
  new Hono()
    .get(
      '/projects/:projectId/song/structure',
      describeRoute({
        tags: ['Projects'],
        summary: "Beats, bars and sections of the project's song",
        description:
          'Sections that sound alike have the same letter. They have a name (verse, chorus …) only where that can be told; without a steady beat `bpm` is null.',
        responses: answers(SongStructureSchema, { text: 'The structure.', errors: [400, 404] }),
      }),
      async (c) => c.json(await structure.read(c.req.param('projectId'), c.req.raw.signal), 200),
    )
    .get(
      '/projects/:projectId/scene-proposal',
      describeRoute({
        tags,
        summary: 'Propose number and length of scenes from the song',
        description:
          'Cuts stand on bars of the song (on beats when there are more scenes than bars), where it changes if possible. Nothing is created.',
        responses: answers(SceneProposalSchema, { text: 'The proposal.', errors: [400, 404] }),
      }),
      queryParameters(ProposeScenesQuerySchema),
      async (c) => {
        const scenes = c.req.valid('query').scenes ?? null;
        return c.json(await proposal.propose(c.req.param('projectId'), scenes, c.req.raw.signal), 200);
      },
    )
    .post(
      '/projects/:projectId/scene-proposal',
      describeRoute({
        tags,
        summary: 'Create the proposed scenes in a project that has none',
        responses: answers(ProposedScenesSchema, {
          status: 201,
          text: 'The new scenes.',
          errors: [400, 404, 409],
        }),
      }),
      jsonBody(ApplyProposalSchema),
      async (c) => {
        const scenes = c.req.valid('json').scenes ?? null;
        const created = await proposal.apply(c.req.param('projectId'), scenes, c.req.raw.signal);
        return c.json({ scenes: created }, 201);
      },
    );
