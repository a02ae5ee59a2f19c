import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { describeRoute } from 'hono-openapi';
import * as v from 'valibot';
import { answers } from '../../http/http.documentation';
import { AppError } from '../../shared/errors';
import type { WebhookUsecases } from './webhooks.usecases';

/** A job's object with its logs; providers send no media in it. */
const LARGEST_BODY = 4 * 1024 * 1024;

export const webhookRoutes = (webhooks: WebhookUsecases) =>
  new Hono().post(
    '/webhooks/:provider',
    describeRoute({
      tags: ['Providers'],
      summary: 'Word of a job from a provider',
      description: `For ${webhooks.senders.join(' and ')}. Signed by the provider, accepted within five minutes, once. It only makes the studio ask the provider at once.`,
      security: [],
      responses: answers(v.object({ repeated: v.boolean() }), {
        text: 'Taken.',
        errors: [400, 401, 404, 413],
      }),
    }),
    bodyLimit({
      maxSize: LARGEST_BODY,
      onError: () => {
        throw new AppError({
          code: 'BodyTooLarge',
          message: 'A webhook has at most 4 MiB.',
        });
      },
    }),
    async (c) =>
      c.json(
        await webhooks.take(c.req.param('provider'), {
          body: await c.req.text(),
          header: (name) => c.req.header(name),
        }),
        200,
      ),
  );
