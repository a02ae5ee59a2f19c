import { AsyncLocalStorage } from 'node:async_hooks';
import { type Caller, callerKey, type Grant, grantOf } from './caller.rules';

/** Whom the request that is being answered comes from, for what depends on it below the routes. */
export type CallerContext = {
  run<Result>(caller: Caller, work: () => Result): Result;
  /** What the caller was let in by. @throws Error outside of a request */
  grant(): Grant;
  /** Names the caller (`callerKey`); null outside of a request. */
  key(): string | null;
  /** What people call the caller; null outside of a request, and where nobody needs a token. */
  name(): string | null;
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
    key() {
      const caller = store.getStore();
      return caller === undefined ? null : callerKey(caller);
    },
    name() {
      const caller = store.getStore();
      return caller === undefined || caller.grant === grantOf.local ? null : caller.name;
    },
  };
}
