import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import {
  ApplyProposalSchema,
  ProposedScenesSchema,
  ProposeScenesQuerySchema,
  SceneProposalSchema,
} from '../../contract/proposal.schema';
import { answers } from '../../http/http.documentation';
import { jsonBody, queryParameters } from '../../http/http.validate';
import type { ProposalUsecases } from './proposal.usecases';

const tags = ['Scenes'];

export const proposalRoutes = (proposal: ProposalUsecases) =>
  new Hono()
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
