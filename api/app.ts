import { type Context, type ErrorHandler, Hono, type NotFoundHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { requestId } from 'hono/request-id';
import type { ClientErrorStatusCode, ServerErrorStatusCode } from 'hono/utils/http-status';
import { openAPIRouteHandler } from 'hono-openapi';
import { isDatabaseUnavailable } from '../db/unavailable';
import type { ErrorCode } from './contract/error.catalogue';
import type { ErrorBody } from './contract/error.schema';
import { signInRoutes } from './features/access/access.routes';
import { mediaRoutes } from './features/delivery/media.routes';
import { documentationRoutes } from './features/system/documentation.routes';
import { systemRoutes } from './features/system/system.routes';
import { webhookRoutes } from './features/webhooks/webhooks.routes';
import { answerFor, createIdentify, requireCaller, SESSION_COOKIE } from './http/http.access';
import { auditChanges } from './http/http.audit';
import { refuseProxied, rememberClient } from './http/http.client';
import { type Connection, rememberConnection, watchBody } from './http/http.connection';
import { requireDiskSpace } from './http/http.disk';
import { createGuessGuard } from './http/http.guesses';
import { checkInput } from './http/http.input';
import { allowLocalHosts, refuseOtherSites } from './http/http.origin';
import { limitCallers } from './http/http.rate-limit';
import { logRequests } from './http/http.request-log';
import { allowOrigins, defaultPolicy, limitBodies, securityHeaders, takesMedia } from './http/http.security';
import { pageRoutes } from './http/http.static';
import type { Services } from './services.types';
import { AppError, errorMessage } from './shared/errors';
import type { Log } from './shared/log';

type Answer = { status: number; body: ErrorBody & { error: ErrorCode } };

/** The one place where errors become HTTP. Unknown ones say nothing of the inside. */
function errorResponse(error: Error, log: Log): Answer {
  if (error instanceof AppError) {
    if (error.status >= 500) log.error({ code: error.code, message: error.message }, 'request_failed');
    const body = { error: error.code, message: error.message };
    return {
      status: error.status,
      body: error.details === undefined ? body : { ...body, details: error.details },
    };
  }
  if (error instanceof HTTPException) {
    // Hono's own words: it has no code for it.
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
  if (isDatabaseUnavailable(error)) {
    log.error({ message: errorMessage(error) }, 'database_unavailable');
    return {
      status: 503,
      body: {
        error: 'DatabaseUnavailable',
        message: 'The database can’t be reached for the moment. Nothing was lost; try again.',
      },
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

/** What the HTTP server lends to the app. */
export type ServerPort = { connectionOf(request: Request): Connection };

const isErrorStatus = (status: number): status is ClientErrorStatusCode | ServerErrorStatusCode =>
  Number.isInteger(status) && status >= 400 && status <= 599;

/** Answers with what went wrong. Headers that were set before stay: they say for instance when to try again. */
const answerError =
  (log: Log): ErrorHandler =>
  (error, c) => {
    const { status, body } = errorResponse(error, log);
    return c.json(body, isErrorStatus(status) ? status : 500);
  };

const answerNotFound: NotFoundHandler = (c) =>
  c.json(
    { error: 'NotFound', message: `There is nothing at ${c.req.method} ${c.req.path}. See /docs.` },
    404,
  );

/**
 * Media apart from everything else: a player asks for hundreds of ranges, and the way through the API's 200
 * routes and its steps takes as long as sending one (`bun run bench -- media`). Who sends a request, by which
 * name and through which proxy, does not matter here: its URL opens by the signature alone, which only the
 * answer to a permitted caller holds.
 */
export function createMediaApp({ log, config, ...services }: Services) {
  const { mediaUrls: urls, storage: store, meterRequest: meter } = services;
  const forOtherOrigins = config.CORS_ORIGINS.length > 0;
  return new Hono()
    .route('/', mediaRoutes({ urls, store, meter, forOtherOrigins }))
    .notFound(answerNotFound)
    .onError(answerError(log));
}

export function createApp(services: Services, server: ServerPort) {
  const { log, config, access } = services;
  const guesses = createGuessGuard();
  const identify = createIdentify(access, guesses);
  const isKnown = async (c: Context) => (await identify(c)) !== null;
  const app = new Hono();
  app.use(rememberConnection(server.connectionOf));
  app.use(rememberClient({ trustedProxies: config.TRUSTED_PROXIES, log }));
  app.use(requestId());
  const { logContext: context, meterRequest: meter, tracing } = services;
  app.use(logRequests({ log, context, meter, tracing }));
  app.use(securityHeaders());
  app.use(defaultPolicy());
  // Providers know no token of this studio and come under its public name; their signature is checked.
  app.route('/api/mv', webhookRoutes(services.webhooks));
  app.use(limitBodies());
  // Where tokens are needed, a foreign name for this machine gains nobody anything.
  if (!access.tokensNeeded) app.use(refuseProxied(), allowLocalHosts());
  app.use(refuseOtherSites(config.CORS_ORIGINS));
  if (config.CORS_ORIGINS.length > 0) app.use('/api/*', allowOrigins(config.CORS_ORIGINS));
  const signedIn = app.route('/api/mv', signInRoutes(access, guesses));
  for (const path of ['/api/*', '/metrics']) app.use(path, requireCaller(identify));
  app.use('/api/*', answerFor(services.callers));
  app.use('/api/*', limitCallers(config.RATE_LIMIT_PER_MINUTE));
  app.use('/api/*', auditChanges(services.audit));
  app.use('/api/*', checkInput());
  const media = [requireDiskSpace(services.uploadSpace), watchBody()];
  for (const middleware of media) {
    app.use('/api/*', (c, next) => (takesMedia(c.req.path) ? middleware(c, next) : next()));
  }

  const routed = signedIn
    .route('/api/mv', services.features.routes)
    .route('/', systemRoutes(services.system, isKnown))
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
        components: {
          securitySchemes: {
            token: { type: 'http', scheme: 'bearer', description: 'A token of this studio.' },
            session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE, description: 'Of its page.' },
          },
        },
        // Of every route but those that say otherwise.
        security: [{ token: [] }, { session: [] }],
      },
    }),
  );
  routed.route('/', pageRoutes(services.pageDirectory, services.mediaOrigins));
  routed.notFound(answerNotFound);
  routed.onError(answerError(log));
  return routed;
}

/** For the typed client: `hc<AppType>(url)`. */
export type AppType = ReturnType<typeof createApp>;
