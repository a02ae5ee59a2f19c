import { randomBytes } from 'node:crypto';
import { json, noReceiver, type Received, type Reply, startDoubleServer } from '../http/double.server';
import { createFaultQueue } from '../http/fault.queue';
import { createFaultRules } from '../http/fault.rules';
import { createLedger } from '../http/ledger';
import { startOutputsServer } from '../http/outputs.server';
import { createScriptQueue } from '../http/script.queue';
import { createAssets } from './sync.assets';
import { problem } from './sync.errors';
import { answerAnalysis, answerEstimate } from './sync.estimates';
import { createLifecycle, type Entry } from './sync.lifecycle';
import { readCreate } from './sync.request';
import { createRoutes } from './sync.routes';
import type { Asked, Create, CreateFault, GenerationScript, WebhookChange } from './sync.types';
import { createWebhooks } from './sync.webhooks';

export type SyncDoubleOptions = {
  apiKey?: string;
  /** Gives the times in answers and signatures. Default: the system's. */
  clock?: () => Date;
  /** So many create calls are taken, all later ones get 429 `rate_limit_exceeded`. Default: no limit. */
  createLimit?: number;
  /** Generations that may run at once, more get 429 `concurrency_limit_reached`. Default: no limit. */
  concurrency?: number;
  /** How another payload under a known key is refused; the documentation leaves it open. Default 409. */
  conflictStatus?: 409 | 422;
  /** Largest asset in bytes. Default 5 GiB, as the vendor. */
  assetLimitBytes?: number;
  /** How long the older estimate takes every video to be, in seconds. Default 4. */
  analyzedSeconds?: number;
  /** Fetch the inputs as the vendor does. Default true. */
  downloadInputs?: boolean;
  /** Path of generations for which nothing is scripted. */
  defaultScript?: GenerationScript;
  /** Sends the webhook by itself when a generation is COMPLETED or FAILED. Default false. */
  autoWebhooks?: boolean;
};

export type SyncDouble = Awaited<ReturnType<typeof startSyncDouble>>;

/**
 * The HTTP API of sync.so on loopback, as its documentation describes it, with a ledger of what it
 * would have charged for. Nothing in it waits: generations move by polls or by `advance`.
 */
export async function startSyncDouble(options: SyncDoubleOptions = {}) {
  const apiKey = options.apiKey ?? `sk-${randomBytes(18).toString('hex')}`;
  const clock = options.clock ?? (() => new Date());
  const webhookSecret = `whsec_${randomBytes(24).toString('hex')}`;
  const entries = new Map<string, Entry>();
  const ledger = createLedger<Create>();
  const scripts = createScriptQueue<Asked, GenerationScript>();
  const createFaults = createFaultQueue<CreateFault>();
  const rules = createFaultRules();
  const outputs = await startOutputsServer({ tokenHeader: 'x-api-key' });
  const webhooks = createWebhooks({ secret: webhookSecret, clock });
  const announced: Promise<unknown>[] = [];
  const assets = createAssets({
    outputs,
    clock,
    ...(options.assetLimitBytes === undefined ? {} : { limitBytes: options.assetLimitBytes }),
  });
  const life = createLifecycle({
    outputs,
    onEnded(entry) {
      const tells = ['COMPLETED', 'FAILED'].includes(entry.generation.status);
      if (options.autoWebhooks && tells && entry.create.webhook !== null) {
        announced.push(webhooks.sendWebhook(entry).catch(noReceiver));
      }
    },
  });
  const routes = createRoutes({
    entries,
    clock,
    step: life.step,
    createLimit: options.createLimit ?? Number.POSITIVE_INFINITY,
    concurrency: options.concurrency ?? Number.POSITIVE_INFINITY,
    conflictStatus: options.conflictStatus ?? 409,
    download: options.downloadInputs ?? true,
    assetUrl: (id) => assets.assets.get(id)?.url ?? null,
    takeScript: (asked) => ({ ...(scripts.take(asked) ?? options.defaultScript) }),
    takeCreateFault: createFaults.take,
    accept(entry) {
      entries.set(entry.generation.id, entry);
      ledger.add(entry.create);
    },
  });

  /** A new URL of the output on every call, as the vendor signs it anew: it has not expired. */
  function download(id: string): Reply {
    const entry = entries.get(id);
    if (!entry?.output || entry.generation.status !== 'COMPLETED') return problem(404);
    entry.freshUrls += 1;
    const { fault, ...output } = entry.output;
    const fresh = fault === undefined || fault === 'expired' ? output : { ...output, fault };
    const before = entry.freshUrls === 1 ? id : `${id}-${entry.freshUrls - 1}`;
    const url = outputs.hold(`${id}-${entry.freshUrls}`, fresh, before);
    return { status: 200, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: url };
  }

  async function analyze(request: Received): Promise<Reply> {
    const body = await readCreate(request);
    if ('messages' in body) return problem(400, { message: body.messages });
    return answerAnalysis(body.model, options.analyzedSeconds ?? 4);
  }

  async function handle(request: Received): Promise<Reply> {
    const struck = rules.strike(request);
    if (struck !== null) return struck;
    if (request.headers['x-api-key'] !== apiKey) return problem(401);
    const isPost = request.method === 'POST';
    const [version, kind, first, second] = request.path.split('/').slice(1);
    if (version !== 'v2') return problem(404);
    if (kind === 'generate' && first === undefined && isPost) return routes.create(request);
    if (kind === 'generate' && first !== undefined && !isPost) return routes.get(request, first);
    if (kind === 'generations' && first === 'estimate' && isPost) {
      return answerEstimate(JSON.parse(request.body.toString()));
    }
    if (kind === 'generations' && first !== undefined && second === 'download') return download(first);
    if (kind === 'generations' && first === undefined) return routes.list(request);
    if (kind === 'analyze' && first === 'cost' && isPost) return analyze(request);
    if (kind === 'assets') return assets.answer(request, first);
    if (kind === 'models') {
      return json(200, [{ id: 'lipsync-2-pro', name: 'lipsync-2-pro', type: 'LIPSYNC', version: '2' }]);
    }
    return problem(404, { message: `Cannot ${request.method} ${request.path}` });
  }

  const server = await startDoubleServer(handle);
  const entryOf = (id: string): Entry => {
    const entry = entries.get(id);
    if (entry === undefined) throw new Error(`There is no generation ${id}.`);
    return entry;
  };

  return {
    /** What SYNC_BASE_URL is set to. */
    url: server.url,
    /** Host of outputs and uploads: another one than the API's. */
    outputsUrl: outputs.url,
    token: apiKey,
    webhookSecret,
    /** Every create that was accepted, in order. */
    ledger: ledger.entries,
    awaitCreate: ledger.awaitEntry,
    /** Paths of outputs and uploads that were sent the account's key: must stay empty. */
    leaks: outputs.leaks,
    /** Requests to the API; `outputRequests` those to the outputs' host. Keys are masked. */
    requests: server.seen,
    outputRequests: outputs.seen,
    awaitRequest: server.awaitSeen,
    assets: assets.assets,
    deliveries: webhooks.deliveries,
    generations: () => [...entries.values()].map(({ generation }) => generation),
    generation: (id: string) => entryOf(id).generation,
    /** Paths of the next creates, in turn; one with `when` waits for a create that fits. */
    script: scripts.add,
    /** What the next create calls meet, in turn, replays of a key as well. */
    failCreates: createFaults.add,
    /** Fails requests of any route; `problem` and `estimateUnavailable` are the vendor's words. */
    fail: rules.add,
    /** Forgets every fault and script that has not met its request yet. */
    heal() {
      createFaults.clear();
      scripts.clear();
      rules.clear();
    },
    /** Faults that met a request so far, and those of each sort that wait for one. */
    faults: () => ({
      struck: createFaults.struck() + rules.struck() + outputs.struck(),
      creates: createFaults.waiting(),
      rules: rules.waiting(),
      scripts: scripts.waiting(),
    }),
    /** Changes the path of a generation and begins it anew. */
    change(id: string, script: GenerationScript) {
      const entry = entryOf(id);
      Object.assign(entry.script, script);
      entry.steps = 0;
    },
    /** One status further on its path. */
    advance: async (id: string) => void (await life.step(entryOf(id))),
    /** Brings a generation to a status at once. */
    finish: (id: string, status: string) => life.enter(entryOf(id), status),
    /** The output's own URL gives 404; the download call gives fresh ones. */
    removeOutput: (id: string) => void outputs.remove(id),
    /** Sends the webhook of a generation, signed as the vendor does; gives the last answer. */
    sendWebhook: (id: string, change?: WebhookChange) => webhooks.sendWebhook(entryOf(id), change),
    /** Resolves when the webhooks that went out by themselves were answered. */
    settled: async () => void (await Promise.allSettled(announced)),
    async close() {
      await server.close();
      await outputs.close();
    },
  };
}

export { estimateUnavailable, problem } from './sync.errors';
