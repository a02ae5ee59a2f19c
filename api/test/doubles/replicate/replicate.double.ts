import { createHmac, randomBytes } from 'node:crypto';
import { type DoubleServer, json, type Received, type Reply, startDoubleServer } from '../http/double.server';
import { readForm } from '../http/form';
import { type DoubleOutput, serveOutput } from '../http/output';
import * as errors from './replicate.errors';
import { modelSchemas } from './replicate.schemas';
import type {
  Create,
  CreateFault,
  Prediction,
  PredictionScript,
  PredictionStatus,
  WebhookChange,
} from './replicate.types';

const ended = (status: PredictionStatus) => ['succeeded', 'failed', 'canceled', 'aborted'].includes(status);
/** Hours, minutes, seconds of `Cancel-After`. */
const unitSeconds: Record<string, number> = { s: 1, m: 60, h: 3600 };
const PAGE = 100;
const WORD = 'bcdfghjklmnpqrstvwxz0123456789';
const newPredictionId = () => Array.from(randomBytes(26), (byte) => WORD.charAt(byte % WORD.length)).join('');

type Entry = {
  prediction: Prediction;
  script: PredictionScript;
  polls: number;
  output: DoubleOutput | null;
  downloads: number;
  webhook: string | null;
  inputs: Promise<Record<string, Uint8Array>>;
};

export type ReplicateDouble = Awaited<ReturnType<typeof startReplicateDouble>>;

/**
 * Replicate's HTTP API on loopback, as its documentation describes it, with a ledger of everything
 * that it would have charged for.
 */
export async function startReplicateDouble(
  options: { token?: string; clock?: () => Date; fileLimitBytes?: number; createsPerMinute?: number } = {},
) {
  const token = options.token ?? 'r8_double_token';
  const clock = options.clock ?? (() => new Date());
  const fileLimit = options.fileLimitBytes ?? 100 * 1024 * 1024;
  const webhookSecret = `whsec_${randomBytes(24).toString('base64')}`;
  const entries = new Map<string, Entry>();
  const files = new Map<string, { name: string; type: string; bytes: Uint8Array }>();
  const creates: Create[] = [];
  const scripts: PredictionScript[] = [];
  const createFaults: CreateFault[] = [];
  let createCalls = 0;
  let server: DoubleServer;

  const base = () => `${server.url}/v1`;
  const isAuthorized = (request: Received) =>
    request.headers['authorization'] === `Bearer ${token}` ||
    request.headers['authorization'] === `Token ${token}`;

  /** The vendor downloads what the input names; what it can't get fails the prediction. */
  async function fetchInputs(input: Record<string, unknown>): Promise<Record<string, Uint8Array>> {
    const inputs: Record<string, Uint8Array> = {};
    for (const [name, value] of Object.entries(input)) {
      if (typeof value !== 'string' || !/^https?:\/\//.test(value)) continue;
      const own = value.startsWith(`${base()}/files/`);
      const response = await fetch(value, own ? { headers: { Authorization: `Bearer ${token}` } } : {});
      if (!response.ok) throw new Error(`${name}: ${response.status}`);
      inputs[name] = new Uint8Array(await response.arrayBuffer());
    }
    return inputs;
  }

  function create(model: string, request: Received, body: { input?: unknown; webhook?: unknown }): Entry {
    const input = body.input;
    if (typeof input !== 'object' || input === null) throw new Error('No input.');
    const id = newPredictionId();
    const now = clock();
    const cancelAfter = request.headers['cancel-after'] ?? null;
    const [, count, unit] = /^(\d+)([smh])?$/.exec(cancelAfter ?? '') ?? [];
    const seconds = count === undefined ? null : Number(count) * (unitSeconds[unit ?? 's'] ?? 1);
    const fields: Record<string, unknown> = { ...input };
    const inputs = fetchInputs(fields);
    inputs.catch(() => undefined);
    const entry: Entry = {
      prediction: {
        id,
        model,
        version: 'hidden',
        input: fields,
        output: null,
        logs: '',
        error: null,
        status: 'starting',
        source: 'api',
        data_removed: false,
        created_at: now.toISOString(),
        started_at: null,
        completed_at: null,
        deadline: seconds === null ? null : new Date(now.getTime() + seconds * 1000).toISOString(),
        metrics: {},
        urls: {
          web: `https://replicate.com/p/${id}`,
          get: `${base()}/predictions/${id}`,
          cancel: `${base()}/predictions/${id}/cancel`,
        },
      },
      script: scripts.shift() ?? {},
      polls: 0,
      output: null,
      downloads: 0,
      webhook: typeof body.webhook === 'string' ? body.webhook : null,
      inputs,
    };
    entries.set(id, entry);
    creates.push({ id, model, input: fields, cancelAfter, webhook: entry.webhook });
    return entry;
  }

  async function enter(entry: Entry, status: PredictionStatus): Promise<void> {
    const { prediction, script } = entry;
    if (ended(prediction.status)) return;
    if (status !== 'starting') prediction.started_at ??= status === 'aborted' ? null : clock().toISOString();
    prediction.status = status;
    if (ended(status)) prediction.completed_at = clock().toISOString();
    if (status === 'failed') prediction.error = script.error ?? 'E1000: unknown error';
    if (status !== 'succeeded') return;
    try {
      const inputs = await entry.inputs;
      const made = typeof script.output === 'function' ? await script.output(inputs) : script.output;
      entry.output = made ?? {
        bytes: new TextEncoder().encode('no output scripted'),
        contentType: 'text/plain',
      };
      prediction.metrics = script.metrics ?? { predict_time: 4.2 };
      prediction.output = outputValue(prediction.id, script, entry.output);
      if (script.dataRemoved) {
        prediction.output = null;
        prediction.data_removed = true;
      }
    } catch (error) {
      prediction.status = 'failed';
      prediction.error = `Could not download the input (${String(error)}).`;
    }
  }

  function outputValue(id: string, script: PredictionScript, output: DoubleOutput): unknown {
    const url = `${server.url}/delivery/${id}/output`;
    if (script.outputAs === 'array') return [url];
    if (script.outputAs === 'api-file') return `${base()}/files/${id}/download`;
    if (script.outputAs === 'data-uri') {
      return `data:${output.contentType};base64,${Buffer.from(output.bytes).toString('base64')}`;
    }
    return url;
  }

  /** The deadline of `Cancel-After`: not started by then is aborted (free), running is canceled. */
  function keepDeadline(entry: Entry): void {
    const { deadline, status } = entry.prediction;
    if (deadline === null || ended(status) || clock() < new Date(deadline)) return;
    void enter(entry, status === 'starting' ? 'aborted' : 'canceled');
  }

  async function answerCreate(request: Received, model: string | null): Promise<Reply> {
    createCalls += 1;
    if (options.createsPerMinute !== undefined && createCalls > options.createsPerMinute) {
      return errors.throttled('body', 5);
    }
    const fault = createFaults.shift();
    if (fault?.kind === 'reset-before') return 'reset';
    const refused = fault === undefined ? null : errors.refusal(fault);
    if (refused !== null) return refused;
    const body: { input?: unknown; webhook?: unknown; version?: unknown } = JSON.parse(
      request.body.toString(),
    );
    const named = model ?? (typeof body.version === 'string' ? body.version : '');
    if (!/^([\w.-]+\/[\w.-]+(:[0-9a-f]{64})?|[0-9a-f]{64})$/.test(named)) return errors.versionInvalid();
    if (model !== null && !(model in modelSchemas)) return errors.notFound();
    if (typeof body.input !== 'object' || body.input === null)
      return errors.inputInvalid('input', 'input is required');
    const entry = create(named, request, body);
    if (fault?.kind === 'reset-after') return 'reset';
    if (fault?.kind === 'bad-gateway-after') return errors.statusProblem(502);
    if (fault?.kind === 'stall') return 'stall';
    if ((request.headers['prefer'] ?? '').startsWith('wait')) await advance(entry);
    return json(ended(entry.prediction.status) ? 201 : 202, entry.prediction);
  }

  async function advance(entry: Entry): Promise<void> {
    keepDeadline(entry);
    const statuses = entry.script.statuses ?? ['processing', 'succeeded'];
    const next = statuses[Math.min(entry.polls, statuses.length - 1)];
    entry.polls += 1;
    if (next !== undefined) await enter(entry, next);
  }

  async function answerPrediction(id: string, isCancel: boolean): Promise<Reply> {
    const entry = entries.get(id);
    if (entry === undefined) return errors.notFound();
    if (isCancel) {
      if (!ended(entry.prediction.status)) await enter(entry, 'canceled');
      return json(200, entry.prediction);
    }
    const fault = entry.script.pollFaults?.shift();
    if (fault?.kind === 'reset') return 'reset';
    if (fault?.kind === 'status') return errors.statusProblem(fault.status);
    await advance(entry);
    return json(200, entry.prediction);
  }

  function listPredictions(request: Received): Reply {
    const after = request.query.get('created_after');
    const offset = Number(request.query.get('cursor') ?? '0');
    const all = [...entries.values()]
      .map((entry) => entry.prediction)
      .filter(({ created_at }) => after === null || created_at >= new Date(after).toISOString())
      .toReversed();
    const page = all.slice(offset, offset + PAGE);
    const query = after === null ? '' : `&created_after=${encodeURIComponent(after)}`;
    const next = offset + PAGE < all.length ? `${base()}/predictions?cursor=${offset + PAGE}${query}` : null;
    return json(200, { previous: null, next, results: page });
  }

  async function answerFiles(request: Received, rest: string): Promise<Reply> {
    if (request.method === 'POST' && rest === '') {
      const parts = await readForm(request.body, request.headers['content-type'] ?? '');
      const content = parts.find((part) => part.name === 'content');
      if (content === undefined) return errors.inputInvalid('content', 'content is required');
      if (content.bytes.length > fileLimit) return errors.tooLarge();
      const id = newPredictionId();
      files.set(id, { name: content.fileName ?? id, type: content.contentType, bytes: content.bytes });
      return json(201, {
        id,
        name: content.fileName,
        content_type: content.contentType,
        size: content.bytes.length,
        created_at: clock().toISOString(),
        expires_at: new Date(clock().getTime() + 86_400_000).toISOString(),
        metadata: {},
        urls: { get: `${base()}/files/${id}` },
      });
    }
    const [id = '', action] = rest.slice(1).split('/');
    const entry = entries.get(id);
    if (action === 'download' && entry?.output)
      return serveOutput(entry.output, entry.downloads++, request.path);
    const file = files.get(id);
    if (file === undefined) return errors.notFound();
    if (request.method === 'DELETE') {
      files.delete(id);
      return { status: 204 };
    }
    return { status: 200, headers: { 'Content-Type': file.type }, body: file.bytes };
  }

  server = await startDoubleServer(async (request) => {
    const { method, path } = request;
    const delivery = /^\/delivery\/([^/]+)\/output$/.exec(path);
    if (delivery !== null) {
      // The delivery hosts are public; whoever sends the token there gives it away.
      if (request.headers['authorization'] !== undefined) leaks.push(path);
      const entry = entries.get(delivery[1] ?? '');
      if (!entry?.output) return errors.notFound();
      if (request.query.has('followed')) {
        return {
          status: 200,
          headers: { 'Content-Type': entry.output.contentType },
          body: entry.output.bytes,
        };
      }
      return serveOutput(entry.output, entry.downloads++, path);
    }
    if (!isAuthorized(request)) return errors.unauthenticated();
    const route = path.replace(/^\/v1/, '');
    if (method === 'POST' && route === '/predictions') return answerCreate(request, null);
    const forModel = /^\/models\/([\w.-]+\/[\w.-]+)(\/predictions)?$/.exec(route);
    if (forModel !== null) {
      const model = forModel[1] ?? '';
      if (forModel[2] !== undefined && method === 'POST') return answerCreate(request, model);
      const schema = modelSchemas[model];
      if (schema === undefined) return errors.notFound();
      const [owner = '', name = ''] = model.split('/');
      return json(200, {
        owner,
        name,
        url: `https://replicate.com/${model}`,
        latest_version: { id: 'hidden', openapi_schema: schema },
      });
    }
    if (method === 'GET' && route === '/predictions') return listPredictions(request);
    const one = /^\/predictions\/([^/]+)(\/cancel)?$/.exec(route);
    if (one !== null) return answerPrediction(one[1] ?? '', one[2] !== undefined && method === 'POST');
    if (route.startsWith('/files')) return answerFiles(request, route.slice('/files'.length));
    if (route === '/account') return json(200, { type: 'organization', username: 'double', name: 'Double' });
    if (route === '/webhooks/default/secret') return json(200, { key: webhookSecret });
    return errors.notFound();
  });
  const leaks: string[] = [];

  return {
    /** What REPLICATE_BASE_URL is set to. */
    url: base(),
    origin: server.url,
    token,
    webhookSecret,
    /** Everything that was created, in order: what would have been charged. */
    creates,
    /** Deliveries that were asked for with the account's token. */
    leaks,
    seen: server.seen,
    awaitSeen: server.awaitSeen,
    awaitCreate: (nth = 1) =>
      server.awaitSeen((seen) => seen.method === 'POST' && seen.path.endsWith('/predictions'), nth),
    files,
    prediction: (id: string) => entries.get(id)?.prediction ?? null,
    /** The path of the next prediction that is created; further calls queue up. */
    script(...next: PredictionScript[]) {
      scripts.push(...next);
    },
    /** What the next create calls meet, in turn. */
    failCreates(...next: CreateFault[]) {
      createFaults.push(...next);
    },
    /** Changes the path of a prediction that runs. */
    change(id: string, script: PredictionScript) {
      const entry = entries.get(id);
      if (entry === undefined) throw new Error(`There is no prediction ${id}.`);
      entry.script = { ...entry.script, ...script };
      entry.polls = 0;
    },
    /** Brings a prediction to a status at once. */
    async finish(id: string, status: PredictionStatus) {
      const entry = entries.get(id);
      if (entry === undefined) throw new Error(`There is no prediction ${id}.`);
      await enter(entry, status);
    },
    /** Sends the webhook of a prediction as it is now, signed as the vendor does. */
    async sendWebhook(id: string, change: WebhookChange = {}): Promise<Response> {
      const entry = entries.get(id);
      const url = entry?.webhook;
      if (entry === undefined || url === null || url === undefined) throw new Error(`${id} has no webhook.`);
      const body = JSON.stringify(entry.prediction);
      const messageId = change.messageId ?? `msg_${newPredictionId()}`;
      const timestamp = String(Math.floor(clock().getTime() / 1000) + (change.timeOffsetSeconds ?? 0));
      const key = Buffer.from((change.secret ?? webhookSecret).replace(/^whsec_/, ''), 'base64');
      const signature = createHmac('sha256', key)
        .update(`${messageId}.${timestamp}.${body}`)
        .digest('base64');
      return fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'Content-Type': 'application/json',
          'webhook-id': messageId,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${signature}`,
        },
        body: change.forged ? body.replace('"id"', '"forged":1,"id"') : body,
      });
    },
    close: () => server.close(),
  };
}
