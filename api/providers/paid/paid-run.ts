import type { ProviderKind } from '../../contract/provider.schema';
import type { Clock } from '../../shared/clock';
import { AppError, errorMessage } from '../../shared/errors';
import { JobCanceled } from '../../shared/job-stops';
import type { EstimatePrice } from '../provider.prices';
import type { CallEnd, FetchToFile, ProviderCall, ProviderContext, ProviderOutcome } from '../provider.types';
import * as errors from './call-errors';
import type { Pace, Wait } from './pace';
import { fetchOutput, type InspectVideo, type OutputFacts, type OutputKind } from './paid-output';
import { endOrphanedCall, stopRemoteCall } from './paid-stop';
import type { CreateAnswer, ReadAnswer, RemoteApi } from './remote.types';

/** What all paid providers of a studio share. */
export type PaidSettings = {
  clock: Clock;
  wait: Wait;
  pace: Pace;
  /** How long a job may take at the provider, from the call on. */
  limitMinutes: number;
  /** The guarded fetch: outputs come from hosts that are not the vendor's API. */
  fetchToFile: FetchToFile;
  estimate: EstimatePrice;
  /** Reads a fetched clip; null: only its first bytes are looked at. */
  inspectVideo: InspectVideo | null;
};

export type PaidJob = {
  api: RemoteApi;
  kind: ProviderKind;
  model: string;
  context: ProviderContext;
  settings: PaidSettings;
  /** Seconds that are paid for; null for images. */
  seconds: number | null;
  /** Uploads the inputs. `body` is sent, `request` is written down: without URLs that expire. */
  prepare(): Promise<{ body: Record<string, unknown>; request: Record<string, unknown> }>;
  output: { kind: OutputKind; path: string; maxBytes: number };
};

export type PaidResult = Omit<ProviderOutcome, 'ignoredOptions'>;

type Running = { call: ProviderCall; remoteId: string };

/**
 * The one way in which anything is paid for. At most one create call is made for a job: a call that an
 * earlier run left open is taken up, never sent again (but where the vendor knows it by its key).
 * Cancel reaches the provider; a worker that stops leaves the call to the next one.
 * @throws AppError of the provider; the signal's reason when it aborts
 */
export async function runPaid(job: PaidJob): Promise<PaidResult> {
  const { signal } = job.context;
  signal.throwIfAborted();
  try {
    const open = await job.context.calls.open();
    const running = open === null ? await begin(job) : await resume(job, open);
    return await follow(job, running);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    // Shutting down or taken away: the call stays open for the next worker.
    if (signal.reason instanceof JobCanceled) await stopOpenCall(job);
    throw signal.reason;
  }
}

async function begin(job: PaidJob): Promise<Running> {
  const { context, model, kind, api } = job;
  context.progress('uploading', 0);
  const { body, request } = await job.prepare();
  context.signal.throwIfAborted();
  const call = await context.calls.intend({
    kind,
    provider: api.provider,
    model,
    request,
    estimatedUsd: job.settings.estimate({ provider: api.provider, model, seconds: job.seconds }).usd,
  });
  return send(job, call, body);
}

async function resume(job: PaidJob, call: ProviderCall): Promise<Running> {
  if (call.provider !== job.api.provider) {
    throw errors.otherProvider({
      provider: call.provider,
      asked: job.api.provider,
      reason: 'The open call is of another provider.',
    });
  }
  job.context.log.info(
    { callId: call.id, state: call.state, remoteId: call.remoteId },
    'provider_call_resumed',
  );
  if (call.remoteId !== null) return { call, remoteId: call.remoteId };
  return recover(job, call, 'The process that made the call ended before its answer came.');
}

/** Sends a call. A 429 created nothing, so the same call may go again; nothing else repeats. */
async function send(job: PaidJob, call: ProviderCall, body: Record<string, unknown>): Promise<Running> {
  const { api, context, settings } = job;
  const { provider } = api;
  for (;;) {
    await unsent(job, call, () => api.limiter.turn(context.signal));
    const answer = await api.create(call, body, {
      secondsLeft: Math.max(1, Math.floor((deadlineOf(job, call) - now(job)) / 1000)),
      webhookUrl: context.webhookUrl,
    });
    context.log.info({ callId: call.id, answer: answer.kind }, 'provider_call_sent');
    if (answer.kind === 'accepted') return keep(job, call, answer.remoteId);
    if (answer.kind === 'refused') {
      return refuse(job, call, answer);
    }
    if (answer.kind === 'unsure') {
      await context.calls.unsure(call.id, answer.reason);
      context.signal.throwIfAborted();
      return recover(job, { ...call, state: 'unknown' }, answer.reason);
    }
    const waitMs = answer.waitMs ?? settings.pace.throttled;
    api.limiter.block(waitMs);
    if (now(job) + waitMs >= deadlineOf(job, call)) {
      const error = errors.busy({ provider, reason: answer.reason });
      await context.calls.end(call.id, { state: 'refused', charged: 'no', message: error.message });
      throw error;
    }
    context.progress('waiting-for-provider', 0.1);
  }
}

async function refuse(
  job: PaidJob,
  call: ProviderCall,
  { charged, error }: Extract<CreateAnswer, { kind: 'refused' }>,
): Promise<never> {
  const state = charged === 'no' ? 'refused' : 'unknown';
  await job.context.calls.end(call.id, { state, charged, message: error.message });
  throw error;
}

/** Waits with a call that certainly was not created; ends it when the wait is broken off. */
async function unsent(job: PaidJob, call: ProviderCall, wait: () => Promise<void>): Promise<void> {
  try {
    await wait();
  } catch (thrown) {
    await job.context.calls.end(call.id, {
      state: 'refused',
      charged: 'no',
      message: 'Stopped before it was sent.',
    });
    throw thrown;
  }
}

/** Looks for a call whose answer never came. */
async function recover(job: PaidJob, call: ProviderCall, reason: string): Promise<Running> {
  const { api, context } = job;
  const { provider, dashboard } = api;
  context.progress('looking-for-call', 0.1);
  const found = await api.recover(call, context.signal);
  context.log.warn({ callId: call.id, reason, recovery: found.kind }, 'provider_call_recovery');
  if (found.kind === 'found') return keep(job, call, found.remoteId);
  if (found.kind === 'repeat') return repeat(job, { ...call, state: 'unknown' });
  if (found.kind === 'lost') {
    throw errors.unreachable({
      provider,
      charged: 'unknown',
      reason: found.reason,
      advice: 'Whether the job was started is not known yet; Retry looks for it before anything is sent.',
    });
  }
  const error = errors.outcomeUnknown({ provider, dashboard, reason });
  await context.calls.end(call.id, { state: 'unknown', charged: 'unknown', message: error.message });
  throw error;
}

/** Sends the very same call under the very same key, until the vendor says what became of it. */
async function repeat(job: PaidJob, call: ProviderCall): Promise<Running> {
  const { api, context, settings } = job;
  let reason = '';
  for (const pause of settings.pace.recover) {
    await settings.wait(pause, context.signal);
    await api.limiter.turn(context.signal);
    const answer = await api.create(call, call.request, { secondsLeft: 1, webhookUrl: null });
    if (answer.kind === 'accepted') return keep(job, call, answer.remoteId);
    if (answer.kind === 'refused') {
      return refuseRepeat(job, call, answer.error);
    }
    if (answer.kind === 'throttled') api.limiter.block(answer.waitMs ?? settings.pace.throttled);
    reason = answer.reason;
  }
  throw errors.unreachable({
    provider: api.provider,
    charged: 'unknown',
    reason,
    advice:
      'Whether the job was started is not known yet; Retry asks again under the same key, which starts nothing twice.',
  });
}

/** The first sending may have arrived: a refused repetition doesn't say that nothing was charged. */
async function refuseRepeat(job: PaidJob, call: ProviderCall, refusal: AppError): Promise<never> {
  const { provider, dashboard } = job.api;
  const reason = refusal.message;
  if (refusal.code === 'ProviderTokenRefused') throw errors.tokenRefusedMeanwhile({ provider, reason });
  const error = errors.outcomeUnknown({ provider, dashboard, reason });
  await job.context.calls.end(call.id, { state: 'unknown', charged: 'unknown', message: error.message });
  throw error;
}

/** Stores the provider's id at once. One that comes too late is stopped at the provider. */
async function keep(job: PaidJob, call: ProviderCall, remoteId: string): Promise<Running> {
  const { api, context, settings } = job;
  for (const pause of settings.pace.output) {
    await settings.wait(pause);
    try {
      await context.calls.accepted(call.id, remoteId);
      return { call, remoteId };
    } catch (thrown) {
      context.log.error({ callId: call.id, remoteId, error: errorMessage(thrown) }, 'provider_id_not_stored');
      if (!(thrown instanceof AppError)) continue;
      await stopRemoteCall({ api, remoteId, settings, log: context.log });
      throw thrown;
    }
  }
  throw errors.unreachable({
    provider: api.provider,
    remoteId,
    charged: 'unknown',
    reason: 'The database could not be written.',
    advice: 'The job runs there; Retry looks for it before anything is sent.',
  });
}

async function follow(job: PaidJob, running: Running): Promise<PaidResult> {
  const { api, context, settings } = job;
  const { call, remoteId } = running;
  const { provider, dashboard } = api;
  const deadline = deadlineOf(job, call);
  const typicalMs =
    (settings.estimate({ provider, model: call.model, seconds: 1 }).typicalSeconds?.to ?? 120) * 1000;
  const started = now(job);
  let pause = settings.pace.firstPoll;
  let missing = 0;
  for (;;) {
    const answer = await api.read(remoteId, context.signal);
    if (answer.kind === 'succeeded') return collect(job, running, answer);
    if (answer.kind === 'refused') throw answer.error;
    if (answer.kind === 'ended') {
      const { state, charged, error } = answer;
      await context.calls.end(call.id, { state, charged, message: error.message });
      throw error;
    }
    missing = answer.kind === 'missing' ? missing + 1 : 0;
    if (missing > settings.pace.missingPolls) {
      const error = errors.jobGone({ provider, remoteId, dashboard, reason: 'The provider answers 404.' });
      await context.calls.end(call.id, { state: 'failed', charged: 'unknown', message: error.message });
      throw error;
    }
    if (now(job) >= deadline) return giveUp(job, running, answer);
    if (answer.kind === 'waiting') {
      // Vendors tell no progress: the bar nears its end as the usual time passes.
      const share = 1 - Math.exp((-2 * (now(job) - started)) / typicalMs);
      context.progress(answer.started ? 'generating' : 'queued-at-provider', 0.15 + 0.7 * share);
    }
    const asked = answer.kind === 'lost' ? (answer.waitMs ?? 0) : 0;
    if (answer.kind === 'lost') context.log.warn({ remoteId, reason: answer.reason }, 'provider_poll_failed');
    const wait = Math.min(Math.max(pause, asked), Math.max(0, deadline - now(job)));
    await context.waitForWebhook(remoteId, wait, context.signal);
    pause = Math.min(pause * 1.5, settings.pace.slowestPoll);
  }
}

/** The time is over: stops the job there, unless nobody can be reached. */
async function giveUp(job: PaidJob, { call, remoteId }: Running, last: ReadAnswer): Promise<never> {
  const { api, context, settings } = job;
  const { provider } = api;
  const end = await stopRemoteCall({ api, remoteId, settings, log: context.log });
  const charged = end?.charged ?? 'unknown';
  const reason = last.kind === 'lost' ? last.reason : 'The deadline passed.';
  const error = errors.timedOut({ provider, remoteId, charged, minutes: settings.limitMinutes, reason });
  await context.calls.end(call.id, { state: 'failed', charged, message: error.message });
  throw error;
}

/**
 * Fetches what was paid for, each time from a fresh URL. Only then is the call ended: while the output
 * can't be had, a later run fetches it again instead of paying again.
 */
async function collect(
  job: PaidJob,
  { call, remoteId }: Running,
  first: Extract<ReadAnswer, { kind: 'succeeded' }>,
): Promise<PaidResult> {
  const { api, context, settings, output } = job;
  const { provider } = api;
  const { signal } = context;
  const fail = async (error: AppError): Promise<never> => {
    await context.calls.end(call.id, { state: 'failed', charged: 'yes', message: error.message });
    throw error;
  };
  let answer: ReadAnswer = first;
  let last: { kind: 'broken' | 'bad' | 'gone'; reason: string } = { kind: 'broken', reason: 'not tried' };
  for (const [attempt, pause] of settings.pace.output.entries()) {
    await settings.wait(pause, signal);
    if (attempt > 0) answer = await api.read(remoteId, signal);
    if (answer.kind !== 'succeeded') {
      last = { kind: 'broken', reason: 'reason' in answer ? answer.reason : `it is ${answer.kind} now` };
      continue;
    }
    const [place] = answer.outputs;
    if (place === undefined) {
      return fail(errors.outputGone({ provider, remoteId, reason: 'The provider has deleted the output.' }));
    }
    context.progress('fetching', 0.9);
    const fetched = await fetchOutput({
      place,
      ...output,
      fetchToFile: settings.fetchToFile,
      inspectVideo: settings.inspectVideo,
      signal,
    });
    if (fetched.kind === 'good') return finish(job, call, remoteId, answer.seconds, fetched.facts);
    last = fetched;
    context.log.warn({ remoteId, attempt, reason: fetched.reason }, 'provider_output_not_fetched');
  }
  const of = { provider, remoteId, reason: last.reason };
  if (last.kind === 'bad') return fail(errors.badOutput(of));
  if (last.kind === 'gone') return fail(errors.outputGone(of));
  await context.calls.charged(call.id);
  throw errors.outputNotFetched(of);
}

async function finish(
  job: PaidJob,
  call: ProviderCall,
  remoteId: string,
  toldSeconds: number | null,
  facts: OutputFacts,
): Promise<PaidResult> {
  const { api, settings, context } = job;
  const seconds = job.seconds === null ? null : (toldSeconds ?? job.seconds);
  const costUsd = settings.estimate({ provider: api.provider, model: call.model, seconds }).usd;
  const end: CallEnd = {
    state: 'succeeded',
    charged: 'yes',
    ...(costUsd === null ? {} : { costUsd }),
  };
  const leaveOpen = context.endsCallsWhenStored === true;
  if (!leaveOpen) await context.calls.end(call.id, end);
  context.progress('fetching', 1);
  return {
    model: call.model,
    costUsd,
    report: { remoteId, ...facts },
    ...(leaveOpen ? { unended: { callId: call.id, end } } : {}),
  };
}

/** Ends the open call of a canceled job, at the provider first. What can't be reached stays open. */
async function stopOpenCall(job: PaidJob): Promise<void> {
  const { api, context, settings } = job;
  try {
    const call = await context.calls.open();
    if (call === null || call.provider !== api.provider) return;
    const end = await endOrphanedCall({ api, call, settings, log: context.log });
    if (end !== null) await context.calls.end(call.id, end);
  } catch (thrown) {
    context.log.error({ error: errorMessage(thrown) }, 'provider_call_not_stopped');
  }
}

const now = (job: PaidJob) => job.settings.clock.now().getTime();
const deadlineOf = (job: PaidJob, call: ProviderCall) =>
  call.intendedAt.getTime() + job.settings.limitMinutes * 60_000;
