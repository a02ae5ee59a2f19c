import { describe, expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import { checkReplicateSignature } from './webhook';

const now = new Date('2026-11-23T12:00:00Z');
const seconds = String(now.getTime() / 1000);
const body = '{"id":"gm3q","status":"succeeded"}';
const at = (offset: number) => String(now.getTime() / 1000 + offset);

describe("Replicate's signature", () => {
  const key = Buffer.from('a secret of some length');
  const secret = `whsec_${key.toString('base64')}`;
  const sign = (id: string, timestamp: string, text: string) =>
    `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64')}`;
  const check = (change: Partial<Parameters<typeof checkReplicateSignature>[0]>) =>
    checkReplicateSignature(
      { id: 'm1', timestamp: seconds, signature: sign('m1', seconds, body), body, ...change },
      secret,
      now,
    );

  test('a good one passes, also as one of several', () => {
    expect(check({})).toBeNull();
    expect(check({ signature: `v1,AAAA ${sign('m1', seconds, body)} v2,xx` })).toBeNull();
  });

  test('another body, id, time or key is refused', () => {
    expect(check({ body: `${body} ` })).toBe('wrong');
    expect(check({ id: 'm2' })).toBe('wrong');
    expect(check({ timestamp: at(1) })).toBe('wrong');
    expect(check({ signature: 'v1,' })).toBe('wrong');
    expect(check({ signature: sign('m1', seconds, body).slice(3) })).toBe('wrong');
  });

  test('five minutes are tolerated, more are not', () => {
    expect(check({ timestamp: at(-300), signature: sign('m1', at(-300), body) })).toBeNull();
    expect(check({ timestamp: at(-301), signature: sign('m1', at(-301), body) })).toBe('too-old');
    expect(check({ timestamp: at(301), signature: sign('m1', at(301), body) })).toBe('too-new');
  });

  test('what is missing or no number is named', () => {
    expect(check({ signature: undefined })).toBe('missing');
    expect(check({ id: undefined })).toBe('missing');
    expect(check({ timestamp: 'now' })).toBe('malformed');
  });
});
