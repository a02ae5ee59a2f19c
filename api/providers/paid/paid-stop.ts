import { errorMessage } from '../../shared/errors';
import type { Log } from '../../shared/log';
import type { CallEnd, ProviderCall } from '../provider.types';
import type { Pace, Wait } from './pace';
import type { RemoteApi } from './remote.types';

type Settings = { wait: Wait; pace: Pace };

/** How often a canceled job is asked whether it has stopped. */
const STOP_POLLS = 3;

/**
 * Stops a job at its provider and says whether it was charged. Null when the provider could not be
 * reached: to be tried again.
 */
export async function stopRemoteCall(of: {
  api: RemoteApi;
  remoteId: string;
  settings: Settings;
  log: Log;
}): Promise<CallEnd | null> {
  const { api, remoteId, settings, log } = of;
  const signal = AbortSignal.timeout(settings.pace.call);
  if (api.cancel === null) {
    return {
      state: 'canceled',
      charged: 'unknown',
      message: 'The provider has no means to cancel: the job goes on there and may be charged.',
    };
  }
  try {
    const taken = await api.cancel(remoteId, signal);
    log.info({ remoteId, taken }, 'provider_call_canceled');
    if (!taken) return null;
    for (let poll = 0; poll < STOP_POLLS; poll += 1) {
      const answer = await api.read(remoteId, signal);
      if (answer.kind === 'succeeded')
        return { state: 'canceled', charged: 'yes', message: 'It was done already.' };
      if (answer.kind === 'ended') return { state: 'canceled', charged: answer.charged };
      await settings.wait(settings.pace.firstPoll, signal);
    }
    return { state: 'canceled', charged: 'unknown' };
  } catch (thrown) {
    log.warn({ remoteId, error: errorMessage(thrown) }, 'provider_call_not_stopped');
    return null;
  }
}

/** The same for a call whose id may not be known: looks for it first, and never sends it. */
export async function endOrphanedCall(of: {
  api: RemoteApi;
  call: ProviderCall;
  settings: Settings;
  log: Log;
}): Promise<CallEnd | null> {
  const { api, call, settings } = of;
  if (call.remoteId !== null) return stopRemoteCall({ ...of, remoteId: call.remoteId });
  const total = settings.pace.recover.reduce((sum, pause) => sum + pause, settings.pace.call);
  const found = await api.recover(call, AbortSignal.timeout(total));
  if (found.kind === 'found') return stopRemoteCall({ ...of, remoteId: found.remoteId });
  if (found.kind === 'lost') return null;
  return {
    state: 'unknown',
    charged: 'unknown',
    message: `Canceled while it was being started; look at ${api.dashboard} whether it ran.`,
  };
}
