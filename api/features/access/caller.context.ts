import { AsyncLocalStorage } from 'node:async_hooks';
import type { Caller, Grant } from './access.models';

/** Whom the request that is being answered comes from, for what depends on it deep inside: URLs of media. */
export type CallerContext = {
  run<Result>(caller: Caller, work: () => Result): Result;
  /** @throws Error outside of a request */
  grant(): Grant;
};

export function createCallerContext(): CallerContext {
  const store = new AsyncLocalStorage<Caller>();
  return {
    run: (caller, work) => store.run(caller, work),
    grant() {
      const caller = store.getStore();
      if (caller === undefined) throw new Error('URLs of media are made for a caller, and there is none.');
      return caller.grant;
    },
  };
}
