import { randomBytes } from 'node:crypto';
import { json, noReceiver, type Received, type Reply, startDoubleServer } from '../http/double.server';
import { createFaultQueue } from '../http/fault.queue';
import { createFaultRules } from '../http/fault.rules';
import { createLedger } from '../http/ledger';
import { serveOutput } from '../http/output';
import { startOutputsServer } from '../http/outputs.server';
import { createScriptQueue } from '../http/script.queue';
import * as errors from './replicate.errors';
import { createFiles } from './replicate.files';
import { createLifecycle, type Entry } from './replicate.lifecycle';
import { createRoutes } from './replicate.routes';
import type { Asked, Create, CreateFault, PredictionScript, WebhookChange } from './replicate.types';
import { createWebhooks } from './replicate.webhooks';

export type ReplicateDoubleOptions = {
  token?: string;
  /** Decides over `Cancel-After` and the times in answers. Default: the system's. */
  clock?: () => Date;
  /** Default 100 MiB, as the vendor. */
  fileLimitBytes?: number;
  /** So many create calls are taken, all later ones get 429. Default: no limit. */
  createLimit?: number;
  /** Fetch the inputs as the vendor does. Default true. */
  downloadInputs?: boolean;
  /** Path of predictions for which nothing is scripted. */
  defaultScript?: PredictionScript;
  /** Sends `completed` to the webhook by itself when a prediction ends. Default false. */
  autoWebhooks?: boolean;
};

export { refuse } from './replicate.routes';
export type ReplicateDouble = Awaited<ReturnType<typeof startReplicateDouble>>;

/**
 * Replicate's HTTP API on loopback, as its documentation describes it, with a ledger of what it would
 * have charged for. Nothing in it waits: predictions move by polls or by `advance`.
 */
export async function startReplicateDouble(options: ReplicateDoubleOptions = {}) {
  const token = options.token ?? `r8_${randomBytes(18).toString('hex')}`;
  const clock = options.clock ?? (() => new Date());
  const webhookSecret = `whsec_${randomBytes(24).toString('base64')}`;
  const entries = new Map<string, Entry>();
  const ledger = createLedger<Create>();
  const scripts = createScriptQueue<Asked, PredictionScript>();
  const createFaults = createFaultQueue<CreateFault>();
  const rules = createFaultRules();
  const outputs = await startOutputsServer({ tokenHeader: 'authorization' });
  const webhooks = createWebhooks({ secret: webhookSecret, clock });
  const announced: Promise<unknown>[] = [];
  const api = () => `${server.url}/v1`;
  const files = createFiles({ limitBytes: options.fileLimitBytes ?? 100 * 1024 * 1024, clock, api });
  const life = createLifecycle({
    clock,
    outputs,
    api,
    onEnded(entry) {
      if (options.autoWebhooks && entry.create.webhook !== null)
        announced.push(webhooks.sendWebhook(entry).catch(noReceiver));
    },
  });
  const routes = createRoutes({
    entries,
    clock,
    api,
    ownFile: files.bytesAt,
    createLimit: options.createLimit ?? Number.POSITIVE_INFINITY,
    download: options.downloadInputs ?? true,
    takeScript: (asked) => ({ ...(scripts.take(asked) ?? options.defaultScript) }),
    takeCreateFault: createFaults.take,
    accept(entry) {
      entries.set(entry.prediction.id, entry);
      ledger.add(entry.create);
    },
    step: life.step,
    enter: life.enter,
    keepDeadline: life.keepDeadline,
  });

  async function handle(request: Received): Promise<Reply> {
    const struck = rules.strike(request);
    if (struck !== null) return struck;
    if (request.headers['authorization'] !== `Bearer ${token}`) return errors.unauthenticated();
    const { method } = request;
    const [version, kind, first, second, third] = request.path.split('/').slice(1);
    if (version !== 'v1') return errors.notFound();
    if (kind === 'predictions') {
      if (first !== undefined) return routes.answerOne(request, first, second);
      return method === 'POST' ? routes.answerCreate(request, null) : routes.list(request);
    }
    if (kind === 'models' && first !== undefined && second !== undefined) {
      const name = `${first}/${second}`;
      if (third === undefined) return routes.model(name);
      if (third === 'predictions' && method === 'POST') return routes.answerCreate(request, name);
    }
    if (kind === 'files') {
      const made = first === undefined ? undefined : entries.get(first);
      if (made?.output) {
        return serveOutput(made.output, made.downloads++, {
          path: request.path,
          followed: request.query.has('followed'),
        });
      }
      return files.answer(request, first ?? null);
    }
    if (kind === 'account') return json(200, { type: 'organization', username: 'double', name: 'Double' });
    if (request.path === '/v1/webhooks/default/secret') return json(200, { key: webhookSecret });
    return errors.notFound();
  }

  const server = await startDoubleServer(handle);
  const entryOf = (id: string): Entry => {
    const entry = entries.get(id);
    if (entry === undefined) throw new Error(`There is no prediction ${id}.`);
    return entry;
  };

  return {
    /** What REPLICATE_BASE_URL is set to. */
    url: api(),
    /** Host of the outputs: another one than the API's. */
    outputsUrl: outputs.url,
    token,
    webhookSecret,
    /** Every create that was accepted, in order. */
    ledger: ledger.entries,
    awaitCreate: ledger.awaitEntry,
    /** Paths of outputs that were asked for with the account's token: must stay empty. */
    leaks: outputs.leaks,
    /** Requests to the API; `outputRequests` those to the outputs' host. Tokens are masked. */
    requests: server.seen,
    outputRequests: outputs.seen,
    awaitRequest: server.awaitSeen,
    files: files.files,
    deliveries: webhooks.deliveries,
    predictions: () => [...entries.values()].map(({ prediction }) => prediction),
    prediction: (id: string) => entryOf(id).prediction,
    /** Paths of the next creates, in turn; one with `when` waits for a create that fits. */
    script: scripts.add,
    /** What the next create calls meet, in turn, whatever they create. */
    failCreates: createFaults.add,
    /** Fails requests of any route; see `refuse` for the vendor's own words. */
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
    /** Changes the path of a prediction and begins it anew. */
    change(id: string, script: PredictionScript) {
      const entry = entryOf(id);
      Object.assign(entry.script, script);
      entry.steps = 0;
    },
    /** One status further on its path. */
    advance: async (id: string) => void (await life.step(entryOf(id))),
    /** Brings a prediction to a status at once. */
    finish: (id: string, status: string) => life.enter(entryOf(id), status),
    /** Does what the clock does when a `Cancel-After` is over. */
    keepDeadline: (id: string) => life.keepDeadline(entryOf(id)),
    removeData: (id: string) => life.removeData(entryOf(id)),
    /** Sends the webhook of a prediction, signed as the vendor does; gives the last answer. */
    sendWebhook: (id: string, change?: WebhookChange) => webhooks.sendWebhook(entryOf(id), change),
    /** Resolves when the webhooks that went out by themselves were answered. */
    settled: async () => void (await Promise.allSettled(announced)),
    async close() {
      await server.close();
      await outputs.close();
    },
  };
}
