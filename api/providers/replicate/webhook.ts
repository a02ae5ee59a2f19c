import { createHmac } from 'node:crypto';
import { isSameSignature, timeProblem } from '../webhook/signature';
import type { SignatureProblem, VerifyWebhook } from '../webhook/webhook.types';

/**
 * Replicate's webhooks: `webhook-signature` holds one or more `v1,<base64>` of
 * HMAC-SHA256(key, id + "." + timestamp + "." + body), the key being the base64 after `whsec_`.
 */
export function checkReplicateSignature(
  message: {
    id: string | undefined;
    timestamp: string | undefined;
    signature: string | undefined;
    body: string;
  },
  secret: string,
  now: Date,
): SignatureProblem | null {
  const { id, timestamp, signature, body } = message;
  if (id === undefined || timestamp === undefined || signature === undefined) return 'missing';
  if (!/^\d{1,12}$/.test(timestamp)) return 'malformed';
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  // No early end: every candidate is compared.
  const matches = signature
    .split(' ')
    .map((candidate) => candidate.startsWith('v1,') && isSameSignature(candidate.slice(3), expected));
  if (!matches.includes(true)) return 'wrong';
  return timeProblem(Number(timestamp), now);
}

/** Recognises Replicate's webhooks by the account's secret, which is read when the first one comes. */
export const verifyReplicateWebhook =
  (readSecret: () => Promise<string>): VerifyWebhook =>
  async ({ body, header }, now) => {
    const id = header('webhook-id');
    const timestamp = header('webhook-timestamp');
    const signature = header('webhook-signature');
    const problem = checkReplicateSignature({ id, timestamp, signature, body }, await readSecret(), now);
    return problem !== null || id === undefined ? { problem: problem ?? 'missing' } : { deliveryId: id };
  };
