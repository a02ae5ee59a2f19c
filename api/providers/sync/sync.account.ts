import * as v from 'valibot';
import type { Clock } from '../../shared/clock';
import { errorMessage } from '../../shared/errors';
import { createAccountLimiter } from '../paid/account-limiter';
import { type ApiAnswer, createApiTransport, type Fetch, throttleWait } from '../paid/api-transport';
import { refusedCreate, unreachable } from '../paid/call-errors';
import { defaultPace, type Pace, type Wait, waitForTimer } from '../paid/pace';
import type { CreateAnswer, ReadAnswer, RemoteApi } from '../paid/remote.types';
import { providerError } from '../provider.errors';
import type { ProviderCall } from '../provider.types';
import { GenerationSchema, readGeneration } from './generation';

/** The vendor's limit of create calls. */
const CREATES_PER_MINUTE = 60;
const UPLOAD_ATTEMPTS = 3;
/**
 * How long a key is trusted to be remembered. The vendor names no time; keys elsewhere live a day, so
 * after half of one a repetition might start a second job.
 */
const KEY_TRUSTED_MS = 12 * 3_600_000;

const ProblemSchema = v.object({
  message: v.optional(v.union([v.string(), v.array(v.string())])),
  errorCode: v.optional(v.nullable(v.string()), null),
  error_code: v.optional(v.nullable(v.string()), null),
  error: v.optional(v.unknown()),
  generationId: v.optional(v.nullable(v.string()), null),
});
const CreatedSchema = v.object({ id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)) });
const UploadSchema = v.object({ uploadUrl: v.pipe(v.string(), v.url()), url: v.pipe(v.string(), v.url()) });

export type SyncAccount = ReturnType<typeof createSyncAccount>;

/** One account at sync.so: its API for the paid loop, and its assets. */
export function createSyncAccount(options: {
  fetch: Fetch;
  baseUrl: string;
  apiKey: string;
  clock: Clock;
  wait?: Wait;
  pace?: Partial<Pace>;
}) {
  const { clock, wait = waitForTimer } = options;
  const pace: Pace = { ...defaultPace, ...options.pace };
  const transport = createApiTransport({
    fetch: options.fetch,
    baseUrl: options.baseUrl,
    secret: options.apiKey,
    authorization: { 'x-api-key': options.apiKey },
  });

  function problemOf(answer: Extract<ApiAnswer, { kind: 'answer' }>) {
    const parsed = v.safeParse(ProblemSchema, answer.body);
    const body = parsed.success ? parsed.output : null;
    const words = [body?.message ?? []].flat().join('; ');
    const code = body?.errorCode ?? body?.error_code ?? (typeof body?.error === 'string' ? body.error : null);
    return {
      code,
      generationId: body?.generationId ?? null,
      reason: transport.scrub(words || code || `HTTP ${answer.status}`),
    };
  }

  async function create(call: ProviderCall, body: Record<string, unknown>): Promise<CreateAnswer> {
    const answer = await transport.call('/v2/generate', {
      method: 'POST',
      json: body,
      headers: { 'Idempotency-Key': call.idempotencyKey },
      timeoutMs: pace.create,
    });
    if (answer.kind === 'lost') {
      if (answer.sent || call.state !== 'intended') return { kind: 'unsure', reason: answer.reason };
      const { reason } = answer;
      const advice = 'Retry when the network is back.';
      return {
        kind: 'refused',
        charged: 'no',
        error: unreachable({ provider: 'sync', charged: 'no', reason, advice }),
      };
    }
    const { status } = answer;
    if (status >= 200 && status < 300) {
      const made = v.safeParse(CreatedSchema, answer.body);
      if (made.success) return { kind: 'accepted', remoteId: made.output.id };
      return { kind: 'unsure', reason: 'The answer to the create call could not be read.' };
    }
    const { reason, code, generationId } = problemOf(answer);
    if (generationId !== null) return { kind: 'accepted', remoteId: generationId };
    if (status === 429) return { kind: 'throttled', waitMs: throttleWait(answer), reason };
    if (status >= 500 || status === 408) return { kind: 'unsure', reason: `HTTP ${status}: ${reason}` };
    // The vendor's own words: its answer has no code for it.
    const isConflict = status === 409 || (status === 422 && /idempoten/i.test(`${code} ${reason}`));
    if (isConflict) {
      const error = providerError({
        code: 'ProviderOutcomeUnknown',
        provider: 'sync',
        what: 'sync.so knows this job already, with another content.',
        charged: 'unknown',
        advice: 'Look at https://sync.so/generations whether it ran; start a new job.',
        reason,
      });
      return { kind: 'refused', charged: 'unknown', error };
    }
    return {
      kind: 'refused',
      charged: 'no',
      error: refusedCreate({
        provider: 'sync',
        status,
        reason,
        model: call.model,
        tokenSetting: 'SYNC_API_KEY',
      }),
    };
  }

  /** The vendor's own fresh URL of an output; null when it gives none. */
  async function freshUrl(remoteId: string, signal: AbortSignal): Promise<string | null> {
    const path = `/v2/generations/${encodeURIComponent(remoteId)}/download`;
    const answer = await transport.call(path, { timeoutMs: pace.call, signal });
    if (answer.kind === 'lost' || answer.status !== 200) return null;
    const url = answer.text.trim().replace(/^"|"$/g, '');
    return URL.canParse(url) ? url : null;
  }

  async function read(remoteId: string, signal: AbortSignal): Promise<ReadAnswer> {
    const answer = await transport.call(`/v2/generate/${encodeURIComponent(remoteId)}`, {
      timeoutMs: pace.call,
      signal,
    });
    if (answer.kind === 'lost') return { kind: 'lost', reason: answer.reason, waitMs: null };
    const { status } = answer;
    if (status === 404) return { kind: 'missing' };
    const { reason } = problemOf(answer);
    if (status === 401 || status === 403) {
      const error = providerError({
        code: 'ProviderTokenRefused',
        provider: 'sync',
        remoteId,
        what: 'sync.so refused the key while the job was running there.',
        charged: 'unknown',
        advice: 'Check SYNC_API_KEY, then Retry: it goes on with the same job and pays nothing anew.',
        reason,
      });
      return { kind: 'refused', error };
    }
    const generation = v.safeParse(GenerationSchema, answer.body);
    if (status !== 200 || !generation.success) return { kind: 'lost', reason, waitMs: throttleWait(answer) };
    const isDone = generation.output.status === 'COMPLETED';
    return readGeneration(
      generation.output,
      isDone ? await freshUrl(remoteId, signal) : null,
      transport.scrub,
    );
  }

  const api: RemoteApi = {
    provider: 'sync',
    dashboard: 'https://sync.so/generations',
    limiter: createAccountLimiter({ clock, wait, perMinute: CREATES_PER_MINUTE }),
    create,
    read,
    async recover(call) {
      const age = clock.now().getTime() - call.intendedAt.getTime();
      return age > KEY_TRUSTED_MS ? { kind: 'none' } : { kind: 'repeat' };
    },
    // The vendor documents no such call.
    cancel: null,
  };

  /** Puts the bytes where the vendor says; the key does not go along. */
  async function put(uploadUrl: string, content: Blob, contentType: string, signal: AbortSignal) {
    try {
      const response = await options.fetch(uploadUrl, {
        method: 'PUT',
        headers: { 'Content-Type': contentType },
        body: content,
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(pace.upload)]),
      });
      return response.ok ? null : `the upload answered ${response.status}`;
    } catch (thrown) {
      signal.throwIfAborted();
      return transport.scrub(errorMessage(thrown));
    }
  }

  return {
    name: 'sync' as const,
    api,
    pace,
    wait,

    /**
     * Uploads an input in the vendor's three steps and gives the asset's id. Costs nothing, so it is
     * tried again.
     * @throws AppError `ProviderUnreachable`, `ProviderTokenRefused`, `ProviderInputTooLarge` …
     */
    async upload(
      file: { path: string; contentType: string; name: string; type: 'VIDEO' | 'AUDIO' },
      signal: AbortSignal,
    ): Promise<string> {
      const content = Bun.file(file.path);
      let reason = '';
      const post = async (path: string, json: Record<string, unknown>) => {
        const answer = await transport.call(path, { method: 'POST', json, timeoutMs: pace.call, signal });
        if (answer.kind === 'lost') {
          reason = answer.reason;
          return null;
        }
        if (answer.status < 300) return answer.body;
        reason = problemOf(answer).reason;
        if (answer.status === 429) await wait(throttleWait(answer) ?? pace.throttled, signal);
        else if (answer.status >= 400 && answer.status < 500) {
          const { status } = answer;
          throw refusedCreate({
            provider: 'sync',
            status,
            reason,
            model: 'assets',
            tokenSetting: 'SYNC_API_KEY',
          });
        }
        return null;
      };
      for (let attempt = 0; attempt < UPLOAD_ATTEMPTS; attempt += 1) {
        if (attempt > 0) await wait(pace.output[attempt] ?? pace.firstPoll, signal);
        const { name: fileName, contentType, type } = file;
        const place = v.safeParse(
          UploadSchema,
          await post('/v2/assets/upload', { fileName, contentType, size: content.size }),
        );
        if (!place.success) continue;
        const failed = await put(place.output.uploadUrl, content, contentType, signal);
        if (failed !== null) {
          reason = failed;
          continue;
        }
        const asset = v.safeParse(CreatedSchema, await post('/v2/assets', { url: place.output.url, type }));
        if (asset.success) return asset.output.id;
      }
      throw unreachable({ provider: 'sync', charged: 'no', reason, advice: 'Retry later.' });
    },
  };
}
