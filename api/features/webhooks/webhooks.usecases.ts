import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Clock } from '../../shared/clock';
import { AppError } from '../../shared/errors';
import type { Log } from '../../shared/log';
import { cutText } from '../../shared/text';
import { checkReplicateSignature, checkSyncSignature, type SignatureProblem } from './signatures.rules';
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
    status: 401,
    message: `The webhook was refused: ${texts[problem]}.`,
    details: { problem },
  });

const notTaken = (provider: string) =>
  new AppError({
    code: 'NotFound',
    status: 404,
    message: `This studio takes no webhooks of "${cutText(provider, 40)}": set PUBLIC_URL and the provider's secret.`,
  });

export type WebhookUsecases = ReturnType<typeof createWebhookUsecases>;

export type WebhookMessage = { body: string; header(name: string): string | undefined };

/**
 * Webhooks are hints: one that is genuine wakes whoever waits for the provider's job, and that one
 * asks the provider itself. Nothing in the body but the id is used.
 */
export function createWebhookUsecases(deps: {
  sql: Database;
  clock: Clock;
  log: Log;
  /** The secrets; null: webhooks of that provider are not taken. */
  replicateSecret: () => Promise<string | null>;
  syncSecret: string | null;
}) {
  const { sql, clock, log } = deps;

  /** Checks a message; gives the name under which it is told from its repetitions. */
  async function verify(provider: string, message: WebhookMessage): Promise<string> {
    const { body } = message;
    if (provider === 'replicate') {
      const secret = await deps.replicateSecret();
      if (secret === null) throw notTaken(provider);
      const id = message.header('webhook-id');
      const problem = checkReplicateSignature(
        {
          id,
          timestamp: message.header('webhook-timestamp'),
          signature: message.header('webhook-signature'),
          body,
        },
        secret,
        clock.now(),
      );
      if (problem !== null || id === undefined) throw refused(problem ?? 'missing');
      return id;
    }
    if (provider === 'sync' && deps.syncSecret !== null) {
      const problem = checkSyncSignature(
        { signature: message.header('sync-signature'), body },
        deps.syncSecret,
        clock.now(),
      );
      if (problem !== null) throw refused(problem);
      // sync.so numbers its messages not; one that is repeated is the same to the letter.
      return createHash('sha256').update(body).digest('hex');
    }
    throw notTaken(provider);
  }

  return {
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
          status: 400,
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
