import { createHmac, timingSafeEqual } from 'node:crypto';

/** Older or younger messages are refused: a copy that somebody caught can't be sent later. */
export const TOLERANCE_SECONDS = 300;

/** Why a signature is refused; null when it is good. */
export type SignatureProblem = 'missing' | 'malformed' | 'too-old' | 'too-new' | 'wrong';

function equal(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

function timeProblem(seconds: number, now: Date): SignatureProblem | null {
  const age = now.getTime() / 1000 - seconds;
  if (age > TOLERANCE_SECONDS) return 'too-old';
  return age < -TOLERANCE_SECONDS ? 'too-new' : null;
}

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
    .map((candidate) => candidate.startsWith('v1,') && equal(candidate.slice(3), expected));
  if (!matches.includes(true)) return 'wrong';
  return timeProblem(Number(timestamp), now);
}

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
  if (!equal(given, expected)) return 'wrong';
  return timeProblem(Number(timestamp), now);
}
