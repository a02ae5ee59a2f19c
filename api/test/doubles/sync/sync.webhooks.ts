import { createHmac } from 'node:crypto';
import type { Entry } from './sync.lifecycle';
import type { Delivery, WebhookChange } from './sync.types';

/** hex(HMAC-SHA256(the whole secret, t + "." + body)), as the vendor documents it. */
export const signWebhook = (secret: string, timestamp: string, body: string): string =>
  createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');

/** Sends the webhooks of generations; `deliveries` has every attempt that was answered. */
export function createWebhooks(of: { secret: string; clock: () => Date }) {
  const deliveries: Delivery[] = [];

  async function sendWebhook({ generation }: Entry, change: WebhookChange = {}): Promise<Response> {
    const url = generation.webhookUrl;
    if (url === null) throw new Error(`${generation.id} was created without a webhook.`);
    const body = JSON.stringify({ ...generation, status: change.status ?? generation.status });
    const offset = change.timestampOffsetSeconds ?? 0;
    const timestamp = String(Math.floor(of.clock().getTime() / 1000) + offset);
    const signature = `t=${timestamp},v1=${signWebhook(change.secret ?? of.secret, timestamp, body)}`;
    const headers = new Headers({ 'Content-Type': 'application/json' });
    if (!change.omitSignature) headers.set('Sync-Signature', signature);
    const deliver = async () => {
      const forged = change.forged ? body.replace('{', '{"forged":true,') : body;
      const response = await fetch(url, { method: 'POST', redirect: 'manual', headers, body: forged });
      deliveries.push({ id: generation.id, status: response.status });
      return response;
    };
    let response = await deliver();
    if (change.duplicate) response = await deliver();
    for (let left = change.retries ?? 0; left > 0 && !response.ok; left -= 1) response = await deliver();
    return response;
  }

  return { deliveries, sendWebhook };
}
