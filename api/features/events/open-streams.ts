import { type Caller, callerKey } from '../../http/caller.rules';
import { AppError } from '../../shared/errors';
import type { Limits } from '../../shared/limits';

export type OpenStreams = ReturnType<typeof createOpenStreams>;

const tooManyStreams = (message: string) => new AppError({ code: 'TooManyStreams', message });

/** Counts the open event streams of this process. */
export function createOpenStreams(limits: Pick<Limits, 'streamsPerCaller' | 'streamsPerProcess'>) {
  const open = new Map<string, number>();
  let all = 0;

  return {
    /**
     * Counts a stream; returns how to take it off again, which may be called more than once. All
     * browsers that signed in with one token are one caller.
     * @throws AppError 429 `TooManyStreams`
     */
    enter(caller: Pick<Caller, 'name' | 'tokenId'>): () => void {
      const key = callerKey(caller);
      const own = open.get(key) ?? 0;
      if (own >= limits.streamsPerCaller) {
        throw tooManyStreams(
          `${own} event streams are open with this token, as many as one may have. Close some: tabs of the page, or programs that don't hang up.`,
        );
      }
      if (all >= limits.streamsPerProcess) {
        throw tooManyStreams(
          `${all} event streams are open in this process of the studio, as many as it takes. Try again later, or start another process (ROLE=api).`,
        );
      }
      all++;
      open.set(key, own + 1);
      let entered = true;
      return () => {
        if (!entered) return;
        entered = false;
        all--;
        const left = (open.get(key) ?? 1) - 1;
        if (left === 0) open.delete(key);
        else open.set(key, left);
      };
    },
  };
}
