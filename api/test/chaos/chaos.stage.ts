import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testTools } from '../../media/testing/tools';
import { readIdentity } from '../../storage/embedded-s3.identity';
import { createS3Clients } from '../../storage/s3.client';
import { startFaultProxy } from '../doubles/fault-proxy/fault-proxy.double';
import { type LogLine, processesAbout, type StudioProcess, startProcess } from '../process.harness';
import { createMachine, type Machine } from './chaos.machines';
import { startChaosPostgres } from './chaos.postgres';
import { startChaosProviders } from './chaos.providers';

export const BUCKET = 'songreel';

export type ChaosStage = Awaited<ReturnType<typeof createChaosStage>>;

/** The whole studio in real processes: API, workers, PostgreSQL and a store behind a proxy that fails. */
export async function createChaosStage(options: {
  workers: number;
  onLine: (machine: string, line: LogLine) => void;
  onProblem: (what: string) => void;
  onFailure: (what: string) => void;
}) {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'songreel-chaos-')));
  // PostgreSQL's own user must get in.
  await chmod(directory, 0o755);
  const { ffmpegPath, ffprobePath } = await testTools();
  const postgres = await startChaosPostgres(join(directory, 'postgres'));

  const providers = await startChaosProviders();

  const storeDirectory = join(directory, 's3');
  let store: StudioProcess = await startStore(storeDirectory);
  const identity = await readIdentity(storeDirectory);
  const storeUrl = `http://127.0.0.1:${identity.port}`;
  const proxy = await startFaultProxy({ target: storeUrl, credentials: identity });
  /** The store as it is, past the proxy. */
  const { s3 } = createS3Clients({
    endpoint: storeUrl,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: identity,
  });

  const settings: Record<string, string> = {
    DATABASE_URL: postgres.url,
    S3_ENDPOINT: proxy.url,
    S3_BUCKET: BUCKET,
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: identity.accessKeyId,
    AWS_SECRET_ACCESS_KEY: identity.secretAccessKey,
    FFMPEG_BIN: ffmpegPath,
    FFPROBE_BIN: ffprobePath,
    ...providers.settings,
    // Nobody asks for the sample here, and it would keep the machine busy.
    PREPARE_SAMPLE: 'false',
    // What takes minutes in a studio takes seconds here.
    UPLOAD_RETRY_SECONDS: '1',
  };
  let apiPort = '0';
  const { onLine, onProblem, onFailure } = options;
  const machine = (name: string, script: 'start' | 'worker', own: () => Record<string, string>) =>
    createMachine({
      name,
      script,
      directory: join(directory, name),
      settings: () => ({ ...settings, ...own() }),
      onLine,
      onProblem,
      onFailure,
    });
  const api = machine('api', 'start', () => ({ ROLE: 'api', PORT: apiPort }));
  const workers = Array.from({ length: options.workers }, (_, index) =>
    machine(`worker-${index + 1}`, 'worker', () => ({})),
  );
  const machines: Machine[] = [api, ...workers];
  await api.start();
  const url = api.process()?.url ?? '';
  // The same address after each start, as behind any name.
  apiPort = new URL(url).port;
  await Promise.all(workers.map((worker) => worker.start()));

  return {
    directory,
    postgres,
    providers,
    proxy,
    s3,
    storeUrl,
    url,
    machines,
    workers,
    machine: (name: string) => machines.find((one) => one.name === name),
    async killStore(): Promise<void> {
      await store.kill();
      store = await startStore(storeDirectory);
    },
    /** Programs (ffmpeg, the engine, a probe) that work in the machines' folders. */
    async programs(): Promise<Map<number, string>> {
      const found = await processesAbout(join(directory));
      for (const [pid, args] of found) if (!/outputs\//.test(args)) found.delete(pid);
      return found;
    },
    async stop(): Promise<void> {
      await Promise.all(machines.map((one) => one.end()));
      for (const pid of (await processesAbout(join(directory, 'worker-'))).keys())
        process.kill(pid, 'SIGKILL');
      s3.destroy();
      await proxy.stop();
      await providers.stop();
      await store.kill();
      await postgres.stop();
      await rm(postgres.home, { recursive: true, force: true });
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const startStore = (directory: string) =>
  startProcess('api/test/chaos/store.process.ts', {}, 'embedded_s3_serving', [directory]);
