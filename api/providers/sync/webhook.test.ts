import { describe, expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import { checkSyncSignature } from './webhook';

const now = new Date('2026-11-23T12:00:00Z');
const seconds = String(now.getTime() / 1000);
const body = '{"id":"gm3q","status":"succeeded"}';
const at = (offset: number) => String(now.getTime() / 1000 + offset);

describe("sync.so's signature", () => {
  const secret = 'whole-secret-string';
  const sign = (timestamp: string, text: string) =>
    `t=${timestamp},v1=${createHmac('sha256', secret).update(`${timestamp}.${text}`).digest('hex')}`;

  test('a good one passes; another body, key or form does not', () => {
    expect(checkSyncSignature({ signature: sign(seconds, body), body }, secret, now)).toBeNull();
    expect(checkSyncSignature({ signature: sign(seconds, body), body: '{}' }, secret, now)).toBe('wrong');
    expect(checkSyncSignature({ signature: sign(seconds, body), body }, 'other', now)).toBe('wrong');
    expect(checkSyncSignature({ signature: 't=1', body }, secret, now)).toBe('malformed');
    expect(checkSyncSignature({ signature: undefined, body }, secret, now)).toBe('missing');
  });

  test('five minutes are tolerated, more are not', () => {
    expect(checkSyncSignature({ signature: sign(at(-299), body), body }, secret, now)).toBeNull();
    expect(checkSyncSignature({ signature: sign(at(-400), body), body }, secret, now)).toBe('too-old');
    expect(checkSyncSignature({ signature: sign(at(400), body), body }, secret, now)).toBe('too-new');
  });
});
