import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { SignatureProblem, VerifyWebhook, WebhookMessage } from '../../providers/webhook/webhook.types';
import type { Clock } from '../../shared/clock';
import { AppError } from '../../shared/errors';
import type { Log } from '../../shared/log';
import { cutText } from '../../shared/text';
import { WEBHOOK_CHANNEL } from './webhook-notifications';

/** What a webhook is about; the rest of its body is not believed but fetched again from the provider. */
const BodySchema = v.pipe(v.string(), v.parseJson(), v.object({ id: v.pipe(v.string(), v.maxLength(200)) }));

const texts: Record<SignatureProblem, string> = {
  missing: 'it is not signed',
  malformed: 'its signature is not in the form that the provider documents',
  'too-old': 'it was signed more than five minutes ago',
  'too-new': 'it was signed more than five minutes ahead of this clock',
  wrong: 'its signature is not the one of this body and secret',
};

const refused = (problem: SignatureProblem) =>
  new AppError({
    code: 'WebhookRefused',
    message: `The webhook was refused: ${texts[problem]}.`,
    details: { problem },
  });

const notTaken = (provider: string) =>
  new AppError({
    code: 'NotFound',
    message: `This studio takes no webhooks of "${cutText(provider, 40)}": set PUBLIC_URL and the provider's secret.`,
  });

export type WebhookUsecases = ReturnType<typeof createWebhookUsecases>;

/**
 * Webhooks are hints: one that is genuine wakes whoever waits for the provider's job, and that one
 * asks the provider itself. Nothing in the body but the id is used.
 */
export function createWebhookUsecases(deps: {
  sql: Database;
  clock: Clock;
  log: Log;
  /** How those providers are called in texts that send webhooks at all. */
  senders: readonly string[];
  /** By the provider's name; those without an entry are not taken. */
  verifiers: ReadonlyMap<string, VerifyWebhook>;
}) {
  const { sql, clock, log, senders, verifiers } = deps;

  /** Checks a message; gives the name under which it is told from its repetitions. */
  async function verify(provider: string, message: WebhookMessage): Promise<string> {
    const check = verifiers.get(provider);
    if (check === undefined) throw notTaken(provider);
    const verdict = await check(message, clock.now());
    if ('problem' in verdict) throw refused(verdict.problem);
    return verdict.deliveryId;
  }

  return {
    senders,

    /**
     * Takes a webhook. `repeated` says that it was taken before and did nothing now.
     * @throws AppError 404 `NotFound`, 401 `WebhookRefused`, 400 `BadRequest`
     */
    async take(provider: string, message: WebhookMessage): Promise<{ repeated: boolean }> {
      const deliveryId = await verify(provider, message);
      const body = v.safeParse(BodySchema, message.body);
      if (!body.success) {
        throw new AppError({
          code: 'BadRequest',
          message: 'The webhook is genuine, but its body is not JSON with an "id".',
        });
      }
      const remoteId = body.output.id;
      const isNew = await sql.begin(async (tx) => {
        const rows = await tx`
          insert into webhook_deliveries (provider, delivery_id) values (${provider}, ${cutText(deliveryId, 200)})
          on conflict do nothing returning 1`;
        if (rows.length === 0) return false;
        await tx`select pg_notify(${WEBHOOK_CHANNEL}, ${JSON.stringify({ remoteId })})`;
        return true;
      });
      log.info({ provider, remoteId, repeated: !isNew }, 'webhook_taken');
      return { repeated: !isNew };
    },

    /** Forgets deliveries that are too old to be accepted again anyhow. */
    async prune(before: Date): Promise<void> {
      await sql`delete from webhook_deliveries where received_at < ${before}`;
    },
  };
}
