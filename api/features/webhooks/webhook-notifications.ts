import pTimeout from 'p-timeout';
import * as v from 'valibot';

/** The channel that carries word of providers' jobs from the process that took a webhook to the one that waits. */
export const WEBHOOK_CHANNEL = 'songreel_provider_news';

const WebhookNotificationSchema = v.object({ remoteId: v.string() });

type Listen = (
  channel: string,
  onMessage: (payload: string) => void,
  onConnected: () => void,
) => Promise<{ close(): Promise<void> }>;

export type WebhookNotifications = Awaited<ReturnType<typeof startWebhookNotifications>>;

/** Listens for word of providers' jobs. A lost word costs no more than the time to the next poll. */
export async function startWebhookNotifications(listen: Listen) {
  const waiting = new Map<string, Set<() => void>>();
  const wakeAll = () => {
    for (const set of waiting.values()) for (const wake of set) wake();
  };
  const subscription = await listen(
    WEBHOOK_CHANNEL,
    (payload) => {
      const news = v.safeParse(v.pipe(v.string(), v.parseJson(), WebhookNotificationSchema), payload);
      if (news.success) for (const wake of waiting.get(news.output.remoteId) ?? []) wake();
    },
    wakeAll,
  );

  return {
    /**
     * Resolves when there is word of a provider's job, else after `ms`.
     * Rejects with the signal's reason when it aborts.
     */
    async waitForWebhook(remoteId: string, ms: number, signal: AbortSignal): Promise<void> {
      signal.throwIfAborted();
      const set = waiting.get(remoteId) ?? new Set();
      waiting.set(remoteId, set);
      const { promise, resolve: wake } = Promise.withResolvers<void>();
      set.add(wake);
      try {
        await pTimeout(promise, { milliseconds: Math.max(1, ms), message: false, signal });
      } finally {
        set.delete(wake);
        if (set.size === 0) waiting.delete(remoteId);
      }
    },

    async close(): Promise<void> {
      await subscription.close();
      wakeAll();
    },
  };
}
