import { createHmac, randomBytes } from 'node:crypto';
import { newRemoteId } from './replicate.create';
import type { Entry } from './replicate.lifecycle';
import type { Delivery, WebhookChange } from './replicate.types';

/** base64(HMAC-SHA256(base64-decoded secret, id.timestamp.body)), as the vendor documents it. */
export function signWebhook(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
}

/** Sends the webhooks of predictions; `deliveries` has every attempt that was answered. */
export function createWebhooks(of: { secret: string; clock: () => Date }) {
  const deliveries: Delivery[] = [];

  async function sendWebhook({ prediction, create }: Entry, change: WebhookChange = {}): Promise<Response> {
    const url = create.webhook;
    if (url === null) throw new Error(`${prediction.id} was created without a webhook.`);
    const sent =
      change.event === 'start'
        ? { ...prediction, status: 'processing', output: null, completed_at: null, metrics: {}, error: null }
        : prediction;
    const body = JSON.stringify(sent);
    const messageId = change.messageId ?? `msg_${newRemoteId()}`;
    const offset = change.timestampOffsetSeconds ?? 0;
    const timestamp = String(Math.floor(of.clock().getTime() / 1000) + offset);
    const good = `v1,${signWebhook(change.secret ?? of.secret, messageId, timestamp, body)}`;
    const headers = new Headers({
      'Content-Type': 'application/json',
      'webhook-id': messageId,
      'webhook-timestamp': timestamp,
      'webhook-signature': change.severalSignatures
        ? `v1,${randomBytes(32).toString('base64')} ${good}`
        : good,
    });
    for (const name of change.omitHeaders ?? []) headers.delete(name);
    const deliver = async () => {
      const forged = change.forged ? body.replace('{', '{"forged":true,') : body;
      const response = await fetch(url, { method: 'POST', redirect: 'manual', headers, body: forged });
      deliveries.push({ id: prediction.id, messageId, status: response.status });
      return response;
    };
    let response = await deliver();
    if (change.duplicate) response = await deliver();
    for (let left = change.retries ?? 0; left > 0 && !response.ok; left -= 1) response = await deliver();
    return response;
  }

  return { deliveries, sendWebhook };
}
