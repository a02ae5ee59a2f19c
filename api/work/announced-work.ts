import type { Listen } from '../../db/listen';

/** What was announced while nobody listened, and the work of processes that died, is found this often. */
const LOOK_EVERY_MS = 60_000;

/**
 * Calls `workOff` at once, whenever one of the database's channels announces something, and every minute; never
 * twice at the same time. Resolves when the signal has ended it.
 * @param workOff does all there is to do; tells its failures itself
 */
export async function workWhenAnnounced(
  listen: Listen,
  channels: readonly string[],
  signal: AbortSignal,
  workOff: () => Promise<void>,
): Promise<void> {
  if (signal.aborted) return;
  let wake: () => void = () => undefined;
  let isCalled = true;
  const call = () => {
    isCalled = true;
    wake();
  };
  const subscriptions = await Promise.all(channels.map((channel) => listen(channel, call, call)));
  const timer = setInterval(call, LOOK_EVERY_MS);
  signal.addEventListener('abort', call, { once: true });
  try {
    while (!signal.aborted) {
      isCalled = false;
      await workOff();
      if (!isCalled && !signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    clearInterval(timer);
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
  }
}
