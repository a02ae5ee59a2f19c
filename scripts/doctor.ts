import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { exposureOf, isLoopback, readProcessConfig } from '../api/config';
import { createServices } from '../api/services';
import type { Services } from '../api/services.types';
import { AppError, errorMessage } from '../api/shared/errors';
import { defaultMemoryBytes, limitedCommand } from '../api/shared/limited-command';
import { listTables, requireCurrentSchema } from '../db/schema';
import { exposuresOf } from './doctor/exposures';
import { productVersion, runCommand } from './lib/command-line';

type Finding = { part: string; ok: boolean; text: string };

/** Below this a few uploads fill the disk. */
const LITTLE_SPACE_BYTES = 5 * 1024 ** 3;

async function look(part: string, work: () => Promise<string>): Promise<Finding> {
  try {
    return { part, ok: true, text: await work() };
  } catch (error) {
    return { part, ok: false, text: error instanceof AppError ? error.message : errorMessage(error) };
  }
}

async function programVersion(path: string): Promise<string> {
  const child = Bun.spawn([path, '-hide_banner', '-version'], { stdout: 'pipe', stderr: 'ignore' });
  const [first] = (await new Response(child.stdout).text()).split('\n');
  return `${first?.replace(/ Copyright.*/, '') ?? 'no answer'} (${path})`;
}

async function examine(services: Services): Promise<Finding[]> {
  const { config, sql, storage, mediaTools } = services;
  return [
    await look('ffmpeg', () => programVersion(mediaTools.ffmpegPath)),
    await look('ffprobe', () => programVersion(mediaTools.ffprobePath)),
    await look('database', async () => {
      const [row] = await sql<{ version: number }[]>`
        select current_setting('server_version_num')::int as version`;
      const schema = await requireCurrentSchema(sql);
      const tables = await listTables(sql, schema);
      const version = Math.floor((row?.version ?? 0) / 10_000);
      if (version < 15) throw new Error(`PostgreSQL ${version} is too old: 15 or newer is needed.`);
      return `PostgreSQL ${version}, ${config.DATABASE_URL === undefined ? 'embedded' : 'by DATABASE_URL'}, ${tables.length} tables in the schema ${schema}`;
    }),
    await look('storage', async () => {
      const { milliseconds } = await storage.check();
      const where = config.S3_ENDPOINT ?? (config.S3_BUCKET === undefined ? 'embedded' : 'S3');
      return `${where}: wrote, read and deleted an object in ${Math.round(milliseconds)} ms`;
    }),
    await look('outbox', async () => {
      const [row] = await sql<{ waiting: number; failed: number }[]>`
        select count(*) filter (where state = 'pending')::int as waiting,
          count(*) filter (where state = 'failed')::int as failed
        from uploads`;
      if ((row?.failed ?? 0) > 0) {
        throw new Error(
          `${row?.failed} uploads were given up; their files are kept. "bun run sweep" tells why.`,
        );
      }
      return `${row?.waiting ?? 0} files wait for their upload`;
    }),
    await look('providers', async () => {
      const { lipsync, image, video } = services.providers.list();
      const names = new Set([...lipsync, ...image, ...video].map(({ label }) => label));
      const refused = (await services.checkProviderTokens()).filter(({ ok }) => !ok);
      if (refused.length > 0) {
        const told = refused.map(
          ({ label, setting, reason }) => `${label} does not take ${setting}: ${reason}`,
        );
        throw new Error(told.join(' · '));
      }
      return `switched on: ${[...names].join(', ')}`;
    }),
    await look('disk', async () => {
      const free = await services.disk.freeBytes();
      const text = `${(free / 1024 ** 3).toFixed(1)} GiB free under ${config.dataDirectory}`;
      if (free < Math.max(LITTLE_SPACE_BYTES, config.MIN_FREE_DISK_BYTES))
        throw new Error(`Only ${text}. Free some, or set DATA_DIR to another disk.`);
      return text;
    }),
    await look('limits', async () => {
      const command = limitedCommand([mediaTools.ffmpegPath, '-hide_banner', '-version'], {
        memoryBytes: defaultMemoryBytes,
      });
      const child = Bun.spawn(command, { stdout: 'ignore', stderr: 'ignore' });
      if ((await child.exited) !== 0) {
        throw new Error('ffmpeg does not run under its limits: /bin/sh with "ulimit" and "env" is needed.');
      }
      return `ffmpeg runs with at most ${defaultMemoryBytes / 1024 ** 3} GiB`;
    }),
    await look('access', async () => {
      const { access } = services;
      if (!access.tokensNeeded) return `${config.HOST}: this machine only, no token needed`;
      const named = (await access.listTokens()).filter(({ revokedAt }) => revokedAt === null).length;
      if (config.API_TOKENS.length === 0 && named === 0) {
        throw new Error(
          `${exposureOf(config)} but there is no token: the studio will not start. Make one: bun run tokens -- create NAME --scope admin`,
        );
      }
      return `${config.HOST}: ${config.API_TOKENS.length} tokens in API_TOKENS, ${named} named ones`;
    }),
    await look('media', async () => {
      const [direct] = services.mediaOrigins;
      if (direct === undefined) return 'browsers load media from the studio';
      if (exposureOf(config) !== null && isLoopback(new URL(direct).hostname)) {
        throw new Error(
          `Browsers on other machines would look for media at ${direct}, their own machine. Set S3_PUBLIC_ENDPOINT to where they reach the store, or leave MEDIA_DELIVERY out.`,
        );
      }
      return `browsers load media from ${direct}`;
    }),
    await look('traces', async () => {
      const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
      if (endpoint === undefined) return 'not sent (OTEL_EXPORTER_OTLP_ENDPOINT is not set)';
      const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{"resourceSpans":[]}',
        signal: AbortSignal.timeout(5000),
      });
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}.`);
      return `sent to ${url}`;
    }),
  ];
}

/** The folders that hold media and backups, as far as they exist on a system with permission bits. */
async function privateFolders(dataDirectory: string): Promise<{ path: string; mode: number }[]> {
  if (process.getuid === undefined) return [];
  const paths = [dataDirectory, resolve('backups')];
  const found = await Promise.allSettled(
    paths.map(async (path) => ({ path, mode: (await stat(path)).mode })),
  );
  return found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

/**
 * Checks programs, database, S3 (a real round trip), disk and access, and says what to do; warns of what
 * lets others reach or read more than they need. A warning is no failure.
 */
await runCommand(async () => {
  console.log(productVersion);
  const services = await createServices(readProcessConfig({ LOG_LEVEL: 'silent' }));
  try {
    const findings = await examine(services);
    for (const { part, ok, text } of findings) console.log(`${ok ? '✓' : '✗'} ${part.padEnd(9)} ${text}`);
    const { config } = services;
    const warnings = exposuresOf(config, {
      userId: process.getuid?.() ?? null,
      folders: await privateFolders(config.dataDirectory),
    });
    for (const warning of warnings) console.log(`! exposed   ${warning}`);
    return findings.every((finding) => finding.ok) ? 0 : 1;
  } finally {
    await services.stop({ graceMs: 0 });
  }
});
