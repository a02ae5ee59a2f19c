import { timingSafeEqual } from 'node:crypto';
import { Hono, type MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { openAPIRouteHandler } from 'hono-openapi';
import { isLoopback } from './config';
import type { ErrorBody } from './contract/error.schema';
import { composeRoutes } from './features/compose/compose.routes';
import { eventRoutes, type KeepOpen } from './features/events/events.routes';
import { generateRoutes } from './features/generate/generate.routes';
import type { WaitForJob } from './features/http/http.long-work';
import { refuseForeignNames, refuseOtherSites } from './features/http/http.origin';
import { pageRoutes } from './features/http/http.static';
import { jobRoutes } from './features/jobs/jobs.routes';
import { lipsyncRoutes } from './features/lipsync/lipsync.routes';
import { projectRoutes } from './features/projects/projects.routes';
import { ledgerRoutes } from './features/provider-calls/provider-calls.routes';
import { providerRoutes } from './features/providers/providers.routes';
import { sampleRoutes } from './features/sample/sample.routes';
import { sceneRoutes } from './features/scenes/scenes.routes';
import { documentationRoutes } from './features/system/documentation.routes';
import { studioRoutes } from './features/system/studio.routes';
import { systemRoutes } from './features/system/system.routes';
import { takeRoutes } from './features/takes/takes.routes';
import { trimRoutes } from './features/trim/trim.routes';
import { resumableRoutes } from './features/uploads/resumable.routes';
import { uploadRoutes } from './features/uploads/uploads.routes';
import { videoRoutes } from './features/videos/videos.routes';
import { webhookRoutes } from './features/webhooks/webhooks.routes';
import type { Services } from './services';
import { AppError, errorMessage } from './shared/errors';
import type { Log } from './shared/log';

/** How long a caller is kept waiting for long work before the answer is 202. */
export const LONGEST_WAIT_MS = 10 * 60 * 1000;

/** The one place where errors become HTTP. Unknown ones say nothing of the inside. */
function errorResponse(error: Error, log: Log): { status: number; body: ErrorBody } {
  if (error instanceof AppError) {
    if (error.status >= 500) log.error({ code: error.code, message: error.message }, 'request_failed');
    const body = { error: error.code, message: error.message };
    return {
      status: error.status,
      body: error.details === undefined ? body : { ...body, details: error.details },
    };
  }
  if (error instanceof HTTPException) {
    const badJson = error.status === 400 && /JSON/i.test(error.message);
    return {
      status: error.status,
      body: badJson
        ? {
            error: 'BadJson',
            message: 'The body is not valid JSON, or its Content-Type is not application/json.',
          }
        : { error: 'BadRequest', message: error.message === '' ? 'The request was refused.' : error.message },
    };
  }
  log.error({ message: errorMessage(error), stack: error.stack }, 'request_broke');
  return {
    status: 500,
    body: {
      error: 'InternalError',
      message: 'Something went wrong inside the studio. It was logged; try again, and report it if it stays.',
    },
  };
}

/** Asks for a token (`Authorization: Bearer …`) when any are configured. */
function requireToken(tokens: string[]): MiddlewareHandler {
  const known = tokens.map((token) => new Bun.CryptoHasher('sha256').update(token).digest());
  return async (c, next) => {
    if (known.length > 0) {
      const sent = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1] ?? '';
      // Hashes have one length, so the comparison takes the same time for any token.
      const hash = new Bun.CryptoHasher('sha256').update(sent).digest();
      if (!known.map((candidate) => timingSafeEqual(candidate, hash)).includes(true)) {
        throw new AppError({
          code: 'TokenNeeded',
          status: 401,
          message: 'This studio needs a token: send "Authorization: Bearer …" with one of API_TOKENS.',
        });
      }
    }
    await next();
  };
}

/** What the HTTP server lends to the app: lifting idle time limits from long requests. */
export type ServerPort = { keepOpen: KeepOpen };

export function createApp(services: Services, server: ServerPort) {
  const { log } = services;
  const waitForJob: WaitForJob = (jobId, signal) =>
    services.jobs.wait(jobId, { timeoutMs: LONGEST_WAIT_MS, signal });

  const api = new Hono()
    .route('/', studioRoutes(services.studio))
    .route('/', sampleRoutes(services.sample))
    .route('/', projectRoutes(services.projects, services.songPeaks))
    .route('/', sceneRoutes(services.scenes, services.projects))
    .route('/', takeRoutes(services.takes, services.scenes))
    .route('/', uploadRoutes(services.uploads, services.projects, services.scenes, waitForJob))
    .route('/', resumableRoutes(services.resumableUploads))
    .route('/', trimRoutes(services.trim, services.scenes, waitForJob))
    .route(
      '/',
      lipsyncRoutes(services.sceneLipsync, services.batchLipsync, services.standaloneLipsync, waitForJob),
    )
    .route('/', generateRoutes(services, waitForJob))
    .route('/', providerRoutes(services.providers))
    .route('/', composeRoutes(services.compose, services.projects, waitForJob))
    .route('/', jobRoutes(services.jobUsecases))
    .route('/', eventRoutes(services.subscribeToProject, server.keepOpen))
    .route('/', videoRoutes(services.videos))
    .route('/', ledgerRoutes(services.providerCalls));

  const app = new Hono();
  app.use(secureHeaders({ crossOriginResourcePolicy: 'same-origin' }));
  // Providers know no token of this studio and come under its public name; their signature is checked.
  app.route('/api/mv', webhookRoutes(services.webhooks));
  if (isLoopback(services.config.HOST)) app.use(refuseForeignNames());
  app.use(refuseOtherSites());
  app.use('/api/*', requireToken(services.config.API_TOKENS));
  // Uploads and waiting callers take longer than the server's idle time limit.
  app.use('/api/*', async (c, next) => {
    server.keepOpen(c.req.raw);
    await next();
  });

  const routed = app
    .route('/api/mv', api)
    .route('/', systemRoutes(services.system))
    .route('/', documentationRoutes(services.documentationDirectory));

  routed.get(
    '/openapi.json',
    openAPIRouteHandler(routed, {
      documentation: {
        openapi: '3.1.0',
        info: {
          title: 'Songreel API',
          version: services.version,
          description:
            'A song and scenes become one video in which the people on screen sing the song. Long work answers with its result, or at once with 202 and a job when asked with `Prefer: respond-async`. Every error has the form `{ "error", "message", "details" }`.',
        },
      },
    }),
  );
  routed.route('/', pageRoutes(services.pageDirectory));
  routed.notFound((c) =>
    c.json(
      { error: 'NotFound', message: `There is nothing at ${c.req.method} ${c.req.path}. See /docs.` },
      404,
    ),
  );
  routed.onError((error) => {
    const { status, body } = errorResponse(error, log);
    return Response.json(body, { status, headers: { 'X-Content-Type-Options': 'nosniff' } });
  });
  return routed;
}

/** For the typed client: `hc<AppType>(url)`. */
export type AppType = ReturnType<typeof createApp>;
