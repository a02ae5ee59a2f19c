import { createApp, createMediaApp, type ServerPort } from './app';
import { type Config, exposureOf } from './config';
import { isMediaUrl } from './features/delivery/media-url.rules';
import { createServices } from './services';
import type { Services, StudioOptions } from './services.types';
import { AppError } from './shared/errors';
import { listenToStopSignals } from './shared/stop-signals';

/** How often a stopping process looks whether its last requests are answered. */
const DRAIN_LOOK_MS = 20;

export type Studio = {
  services: Services;
  /** Where the studio answers; null for a process that only works. */
  url: string | null;
  stop(): Promise<void>;
};

/**
 * Without tokens the studio is for this machine alone: those of API_TOKENS, or one in the database.
 * @throws AppError `TokensNeeded`
 */
async function checkAccess(config: Config, access: Services['access']): Promise<void> {
  const exposure = config.ROLE === 'worker' ? null : exposureOf(config);
  if (exposure === null || config.API_TOKENS.length > 0 || (await access.hasTokens())) return;
  throw new AppError({
    code: 'TokensNeeded',
    message: `${exposure}, so others can reach the studio, but it has no token. Make one with "bun run tokens -- create NAME --scope admin", or set API_TOKENS to the output of "openssl rand -hex 32"; then start again.`,
  });
}

/** Starts what the role asks for: the API, the workers, or both. */
export async function startStudio(config: Config, options: StudioOptions = {}): Promise<Studio> {
  const services = await createServices(config, options);
  const { log } = services;
  let server: ReturnType<typeof serve> | null = null;
  try {
    await checkAccess(config, services.access);
    services.startSweeping();
    if (config.ROLE !== 'worker') {
      await services.startReceiving();
      server = serve(services, config);
    }
    if (config.ROLE !== 'api') await services.startWorking();
    if (config.ROLE !== 'worker') void services.sample.prepare();
  } catch (error) {
    await server?.stop(true);
    await services.stop({ graceMs: 0 });
    throw error;
  }
  const url = server === null ? null : `http://${server.hostname}:${server.port}`;
  log.info({ role: config.ROLE, url }, 'studio_started');
  return {
    services,
    url,
    async stop() {
      const graceMs = config.SHUTDOWN_SECONDS * 1000;
      services.beginStopping();
      await Promise.all([drain(server, graceMs), services.stopWorking({ graceMs })]);
      await server?.stop(true);
      await services.stop({ graceMs: 0 });
      log.info({ role: config.ROLE }, 'studio_stopped');
    },
  };
}

/** Lets the requests that are being answered finish, at most for a while. (Bun has no event for that.) */
async function drain(server: ReturnType<typeof serve> | null, graceMs: number): Promise<void> {
  const until = performance.now() + graceMs;
  while (server !== null && server.pendingRequests > 0 && performance.now() < until) {
    await Bun.sleep(DRAIN_LOOK_MS);
  }
}

function serve(services: Services, config: Config) {
  const port: ServerPort = {
    connectionOf: (request) => ({
      address: server.requestIP(request)?.address ?? 'unknown',
      keepOpen: () => server.timeout(request, 0),
    }),
  };
  const app = createApp(services, port);
  const mediaApp = createMediaApp(services);
  const server = Bun.serve({
    hostname: config.HOST,
    port: config.PORT,
    // Bun's own limit is 128 MB; the upload routes enforce MAX_UPLOAD_BYTES while they read.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    idleTimeout: 30,
    fetch: (request) => (isMediaUrl(request.url) ? mediaApp : app).fetch(request),
  });
  return server;
}

/** Runs a studio until SIGINT or SIGTERM; a second signal, a second later or more, ends it at once. */
export async function runUntilSignal(start: () => Promise<Studio>): Promise<void> {
  const { promise: signaled, resolve } = Promise.withResolvers<void>();
  listenToStopSignals({ onStop: () => resolve(), onAgain: () => process.exit(130) });
  const studio = await start();
  await signaled;
  await studio.stop();
}
