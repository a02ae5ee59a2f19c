import { createHash, createHmac } from 'node:crypto';
import { isSameSignature, timeProblem } from '../webhook/signature';
import type { SignatureProblem, VerifyWebhook } from '../webhook/webhook.types';

/** sync.so's webhooks: `Sync-Signature: t=<seconds>,v1=<hex HMAC-SHA256(secret, t + "." + body)>`. */
export function checkSyncSignature(
  message: { signature: string | undefined; body: string },
  secret: string,
  now: Date,
): SignatureProblem | null {
  if (message.signature === undefined) return 'missing';
  const parts = new Map(
    message.signature.split(',').map((part) => {
      const [name = '', ...value] = part.trim().split('=');
      return [name, value.join('=')] as const;
    }),
  );
  const timestamp = parts.get('t') ?? '';
  const given = parts.get('v1');
  if (given === undefined || !/^\d{1,12}$/.test(timestamp)) return 'malformed';
  const expected = createHmac('sha256', secret).update(`${timestamp}.${message.body}`).digest('hex');
  if (!isSameSignature(given, expected)) return 'wrong';
  return timeProblem(Number(timestamp), now);
}

/** Recognises sync.so's webhooks by the account's secret. */
export const verifySyncWebhook =
  (secret: string): VerifyWebhook =>
  async ({ body, header }, now) => {
    const problem = checkSyncSignature({ signature: header('sync-signature'), body }, secret, now);
    if (problem !== null) return { problem };
    // sync.so numbers its messages not; one that is repeated is the same to the letter.
    return { deliveryId: createHash('sha256').update(body).digest('hex') };
  };
