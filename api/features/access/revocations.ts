import { type Caller, type Grant, grantOf } from '../../http/caller.rules';
import { errorMessage } from '../../shared/errors';
import type { Log } from '../../shared/log';
import { REVOCATIONS_CHANNEL } from './access.rules';
import type { Grants } from './grants.usecases';

type Listen = (
  channel: string,
  onMessage: (payload: string) => void,
  onConnected: () => void,
) => Promise<{ close(): Promise<void> }>;

export type Revocations = ReturnType<typeof createRevocations>;

/** Ends what is open (streams, waiting requests) as soon as what let it in has ended, in any process. */
export function createRevocations(deps: { grants: Grants; log: Log }) {
  const { grants, log } = deps;
  const watched = new Map<Grant, Set<() => void>>();

  function end(grant: Grant): void {
    for (const onEnd of watched.get(grant) ?? []) onEnd();
  }

  /** Looks at everything again: word may have been missed. What can't be told goes on; the next look tells. */
  async function lookAtAll(): Promise<void> {
    grants.forgetAnswers();
    try {
      for (const grant of watched.keys()) if (!(await grants.isLive(grant))) end(grant);
    } catch (error) {
      log.warn({ error: errorMessage(error) }, 'revocations_not_read');
    }
  }

  return {
    /** Begins to listen; resolves once listening. */
    listen(listen: Listen): Promise<{ close(): Promise<void> }> {
      return listen(
        REVOCATIONS_CHANNEL,
        (payload) => {
          grants.forgetAnswers();
          end(payload);
        },
        () => void lookAtAll(),
      );
    },

    /**
     * Calls `onEnd` when the grant of a caller ends, or the token that its session was opened with;
     * at once when it has ended already. Returns how to stop watching.
     */
    async watch(caller: Pick<Caller, 'grant' | 'tokenId'>, onEnd: () => void): Promise<() => void> {
      // Sessions end with their token, which is told under the token's grant alone.
      const token = caller.tokenId === null ? [] : [grantOf.token(caller.tokenId)];
      const names = new Set([caller.grant, ...token]);
      for (const name of names) {
        const ends = watched.get(name) ?? new Set();
        ends.add(onEnd);
        watched.set(name, ends);
      }
      const stop = () => {
        for (const name of names) {
          const ends = watched.get(name);
          ends?.delete(onEnd);
          if (ends?.size === 0) watched.delete(name);
        }
      };
      // It may have ended between the request's own look and now.
      try {
        if (!(await grants.isLive(caller.grant))) onEnd();
      } catch (error) {
        stop();
        throw error;
      }
      return stop;
    },
  };
}
