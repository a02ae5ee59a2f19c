import * as v from 'valibot';
import type { Clock } from '../../shared/clock';
import type { AppError } from '../../shared/errors';
import { createAccountLimiter } from '../paid/account-limiter';
import { createApiTransport, type Fetch, throttleWait } from '../paid/api-transport';
import { refusedCreate, unreachable } from '../paid/call-errors';
import { defaultPace, type Pace, type Wait, waitForTimer } from '../paid/pace';
import type { CreateAnswer, ReadAnswer, Recovery, RemoteApi } from '../paid/remote.types';
import { providerError } from '../provider.errors';
import type { ProviderCall } from '../provider.types';
import { type ModelFields, readModelFields, recordedModels } from './model-fields';
import { PredictionSchema, readPrediction } from './prediction';
import { CLOCK_TOLERANCE_MS, isSameCall } from './replicate.recovery';

/** The vendor's limit of create calls. */
const CREATES_PER_MINUTE = 600;
/** The vendor takes no shorter one. */
const SHORTEST_CANCEL_AFTER_SECONDS = 5;
/** `POST /files` takes no more. */
const LARGEST_FILE_BYTES = 100 * 1024 * 1024;
const UPLOAD_ATTEMPTS = 3;
/** Pages of 100 that are looked through for a lost call. */
const PAGES = 5;

const ProblemSchema = v.object({
  detail: v.optional(v.string()),
  title: v.optional(v.string()),
});
const FileSchema = v.object({ urls: v.object({ get: v.pipe(v.string(), v.url()) }) });
const ListSchema = v.object({
  results: v.array(v.unknown()),
  next: v.optional(v.nullable(v.string()), null),
});

export type ReplicateAccount = ReturnType<typeof createReplicateAccount>;

/** One account at Replicate: its API for the paid loop, its files, its models' fields. */
export function createReplicateAccount(options: {
  fetch: Fetch;
  baseUrl: string;
  token: string;
  clock: Clock;
  wait?: Wait;
  pace?: Partial<Pace>;
}) {
  const { clock, wait = waitForTimer } = options;
  const pace: Pace = { ...defaultPace, ...options.pace };
  const transport = createApiTransport({
    fetch: options.fetch,
    baseUrl: options.baseUrl,
    secret: options.token,
    authorization: { Authorization: `Bearer ${options.token}` },
  });
  const fields = new Map<string, ModelFields>(Object.entries(recordedModels.models));
  const headersFor = (url: string) => (transport.isOwn(url) ? transport.authorization : {});
  const reasonOf = (answer: { status: number; body: unknown }): string => {
    const problem = v.safeParse(ProblemSchema, answer.body);
    const words = problem.success ? (problem.output.detail ?? problem.output.title) : undefined;
    return transport.scrub(words?.trim() ?? `HTTP ${answer.status}`);
  };

  async function create(
    call: ProviderCall,
    input: Record<string, unknown>,
    { secondsLeft, webhookUrl }: { secondsLeft: number; webhookUrl: string | null },
  ): Promise<CreateAnswer> {
    const [name, version] = call.model.split(':');
    const answer = await transport.call(
      version === undefined ? `/models/${name}/predictions` : '/predictions',
      {
        method: 'POST',
        json: {
          ...(version === undefined ? {} : { version }),
          input,
          ...(webhookUrl === null ? {} : { webhook: webhookUrl, webhook_events_filter: ['completed'] }),
        },
        headers: { 'Cancel-After': `${Math.max(SHORTEST_CANCEL_AFTER_SECONDS, secondsLeft)}s` },
        timeoutMs: pace.create,
      },
    );
    if (answer.kind === 'lost') {
      if (answer.sent) return { kind: 'unsure', reason: answer.reason };
      const { reason } = answer;
      const advice = 'Retry when the network is back.';
      return {
        kind: 'refused',
        charged: 'no',
        error: unreachable({ provider: 'replicate', charged: 'no', reason, advice }),
      };
    }
    const { status } = answer;
    if (status === 200 || status === 201 || status === 202) {
      const prediction = v.safeParse(PredictionSchema, answer.body);
      if (prediction.success) return { kind: 'accepted', remoteId: prediction.output.id };
      return { kind: 'unsure', reason: 'The answer to the create call could not be read.' };
    }
    const reason = reasonOf(answer);
    if (status === 429) return { kind: 'throttled', waitMs: throttleWait(answer), reason };
    if (status >= 400 && status < 500 && status !== 408) {
      // The vendor's own words: a version it does not have is told like an input it refuses.
      const isVersion = status === 422 && /version/i.test(reason) && !/input/i.test(reason);
      const error = refusedCreate({
        provider: 'replicate',
        status: isVersion ? 404 : status,
        reason,
        model: call.model,
        tokenSetting: 'REPLICATE_API_TOKEN',
      });
      return { kind: 'refused', charged: 'no', error };
    }
    return { kind: 'unsure', reason: `HTTP ${status}: ${reason}` };
  }

  async function read(remoteId: string, signal: AbortSignal): Promise<ReadAnswer> {
    const answer = await transport.call(`/predictions/${encodeURIComponent(remoteId)}`, {
      timeoutMs: pace.call,
      signal,
    });
    if (answer.kind === 'lost') return { kind: 'lost', reason: answer.reason, waitMs: null };
    const { status } = answer;
    if (status === 404) return { kind: 'missing' };
    if (status === 401 || status === 403) {
      const error = providerError({
        code: 'ProviderTokenRefused',
        provider: 'replicate',
        remoteId,
        what: 'Replicate refused the token while the job was running there.',
        charged: 'unknown',
        advice: 'Check REPLICATE_API_TOKEN, then Retry: it goes on with the same job and pays nothing anew.',
        reason: reasonOf(answer),
      });
      return { kind: 'refused', error };
    }
    const prediction = v.safeParse(PredictionSchema, answer.body);
    if (status === 200 && prediction.success) {
      return readPrediction(prediction.output, headersFor, transport.scrub);
    }
    return { kind: 'lost', reason: reasonOf(answer), waitMs: throttleWait(answer) };
  }

  /** One look through the account's predictions; null when it could not be read. */
  async function search(call: ProviderCall, signal: AbortSignal): Promise<{ id: string | null } | null> {
    const after = new Date(call.intendedAt.getTime() - CLOCK_TOLERANCE_MS).toISOString();
    let next: string | null = `/predictions?created_after=${encodeURIComponent(after)}`;
    for (let page = 0; page < PAGES && next !== null; page += 1) {
      const answer = await transport.call(next, { timeoutMs: pace.call, signal });
      if (answer.kind === 'lost' || answer.status !== 200) return null;
      const list = v.safeParse(ListSchema, answer.body);
      if (!list.success) return null;
      for (const item of list.output.results) {
        const prediction = v.safeParse(PredictionSchema, item);
        if (prediction.success && isSameCall(call, prediction.output)) return { id: prediction.output.id };
      }
      next = list.output.next;
    }
    return { id: null };
  }

  const api: RemoteApi = {
    provider: 'replicate',
    dashboard: 'https://replicate.com/predictions',
    limiter: createAccountLimiter({ clock, wait, perMinute: CREATES_PER_MINUTE }),
    create,
    read,
    async recover(call, signal): Promise<Recovery> {
      let last: Recovery = { kind: 'lost', reason: 'The list of predictions could not be read.' };
      for (const pause of pace.recover) {
        await wait(pause, signal);
        const found = await search(call, signal);
        if (found === null) continue;
        if (found.id !== null) return { kind: 'found', remoteId: found.id };
        last = { kind: 'none' };
      }
      return last;
    },
    async cancel(remoteId, signal) {
      const answer = await transport.call(`/predictions/${encodeURIComponent(remoteId)}/cancel`, {
        method: 'POST',
        timeoutMs: pace.call,
        signal,
      });
      // 4xx: it has ended already.
      return answer.kind === 'answer' && answer.status < 500 && ![401, 403, 429].includes(answer.status);
    },
  };

  return {
    name: 'replicate' as const,
    api,
    pace,
    wait,

    /** The fields of a model's input as last known: read at start, or the recorded copy; null: unknown. */
    fieldsOf: (model: string): ModelFields | null => fields.get(model.split(':')[0] ?? model) ?? null,

    /** Reads the models' fields from Replicate; those that can't be read stay as they were recorded. */
    async refreshModels(models: readonly string[], signal?: AbortSignal): Promise<string[]> {
      const read: string[] = [];
      for (const model of models.map((each) => each.split(':')[0] ?? each)) {
        const answer = await transport.call(`/models/${model}`, {
          timeoutMs: pace.call,
          ...(signal === undefined ? {} : { signal }),
        });
        const known = answer.kind === 'answer' && answer.status === 200 ? readModelFields(answer.body) : null;
        if (known === null) continue;
        fields.set(model, known);
        read.push(model);
      }
      return read;
    },

    /** Whether the token is good; costs nothing. */
    async check(signal?: AbortSignal): Promise<{ ok: boolean; reason: string }> {
      const answer = await transport.call('/account', {
        timeoutMs: pace.call,
        ...(signal === undefined ? {} : { signal }),
      });
      if (answer.kind === 'lost') return { ok: false, reason: answer.reason };
      return { ok: answer.status === 200, reason: answer.status === 200 ? '' : reasonOf(answer) };
    },

    /**
     * Uploads an input, so that no presigned URL can expire in a queue. Null when it is too large: to be
     * shared in another way. Uploads cost nothing, so they are tried again.
     * @throws AppError `ProviderUnreachable`, `ProviderTokenRefused` …
     */
    async upload(
      file: { path: string; contentType: string; name: string },
      signal: AbortSignal,
    ): Promise<string | null> {
      const content = Bun.file(file.path, { type: file.contentType });
      if (content.size > LARGEST_FILE_BYTES) return null;
      let reason = '';
      for (let attempt = 0; attempt < UPLOAD_ATTEMPTS; attempt += 1) {
        if (attempt > 0) await wait(pace.output[attempt] ?? pace.firstPoll, signal);
        const form = new FormData();
        form.set('content', content, file.name);
        form.set('filename', file.name);
        form.set('type', file.contentType);
        const answer = await transport.call('/files', {
          method: 'POST',
          form,
          timeoutMs: pace.upload,
          signal,
        });
        if (answer.kind === 'lost') {
          reason = answer.reason;
          continue;
        }
        const made = v.safeParse(FileSchema, answer.body);
        if (answer.status < 300 && made.success) return made.output.urls.get;
        if (answer.status === 413) return null;
        reason = reasonOf(answer);
        if (answer.status === 429) await wait(throttleWait(answer) ?? pace.throttled, signal);
        else if (answer.status >= 400 && answer.status < 500) throw uploadRefused(answer.status, reason);
      }
      throw unreachable({ provider: 'replicate', charged: 'no', reason, advice: 'Retry later.' });
    },
  };
}

const uploadRefused = (status: number, reason: string): AppError =>
  refusedCreate({
    provider: 'replicate',
    status,
    reason,
    model: 'files',
    tokenSetting: 'REPLICATE_API_TOKEN',
  });
