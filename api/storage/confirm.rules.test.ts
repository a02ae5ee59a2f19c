import { expect, test } from 'bun:test';
import { compositeSha256, type HeadFacts, judgeHead, multipartEtag } from './confirm.rules';
import type { FileHashes } from './file-hash';
import { backOffMs, defaultStorageSettings, partBytesFor, transferTimeoutMs } from './storage.settings';

const digest = (kind: 'sha256' | 'md5', text: string) => new Bun.CryptoHasher(kind).update(text).digest();

function hashesOf(...pieces: string[]): FileHashes {
  const whole = pieces.join('');
  let start = 0;
  const parts = pieces.map((piece) => {
    const part = { start, bytes: piece.length, sha256: digest('sha256', piece), md5: digest('md5', piece) };
    start += piece.length;
    return part;
  });
  const identity = { device: 0, inode: 0, bytes: whole.length, modifiedMs: 0 };
  return { bytes: whole.length, sha256: digest('sha256', whole), md5: digest('md5', whole), parts, identity };
}

const one = hashesOf('hello');
const two = hashesOf('hello', 'world');
const md5 = (hashes: FileHashes) => `"${hashes.md5.toString('hex')}"`;
const sha = (hashes: FileHashes) => hashes.sha256.toString('base64');
const other = hashesOf('jello');
const nothing = { checksumSha256: undefined, etag: undefined, opaqueEtag: false };

const table: [string, FileHashes, Partial<HeadFacts>, 'same' | 'different' | 'unknown'][] = [
  ['no size', one, { bytes: undefined, etag: md5(one) }, 'different'],
  ['another size', one, { bytes: 4, etag: md5(one), checksumSha256: sha(one) }, 'different'],
  ['the checksum', one, { checksumSha256: sha(one) }, 'same'],
  ['the checksum decides over the ETag', one, { checksumSha256: sha(one), etag: md5(other) }, 'same'],
  ['another checksum', one, { checksumSha256: sha(other), etag: md5(one) }, 'different'],
  ['the checksum of the parts', two, { checksumSha256: compositeSha256(two) }, 'same'],
  [
    'a checksum of other parts',
    two,
    { checksumSha256: compositeSha256(hashesOf('hell', 'oworld')) },
    'different',
  ],
  ['a checksum of another number of parts', two, { checksumSha256: `${sha(two)}-3` }, 'unknown'],
  ['the ETag', one, { etag: md5(one) }, 'same'],
  ['the ETag in capitals and weak', one, { etag: `W/${md5(one).toUpperCase()}` }, 'same'],
  ['another ETag', one, { etag: md5(other) }, 'different'],
  ['the ETag of the parts', two, { etag: `"${multipartEtag(two)}"` }, 'same'],
  ['an ETag of other parts', two, { etag: `"${multipartEtag(hashesOf('hell', 'oworld'))}"` }, 'different'],
  ['an ETag of another number of parts', two, { etag: `${md5(two).slice(1, -1)}-7` }, 'unknown'],
  ['the plain MD5 of an object sent in parts', two, { etag: md5(two) }, 'same'],
  ['an ETag under KMS', one, { etag: md5(other), opaqueEtag: true }, 'unknown'],
  ['an ETag that is no MD5', one, { etag: '"0x8DABC"' }, 'unknown'],
  ['nothing', one, {}, 'unknown'],
];
for (const [name, hashes, head, verdict] of table) {
  test(`${name}: ${verdict}`, () => {
    expect(judgeHead(hashes, { bytes: hashes.bytes, ...nothing, ...head }).verdict).toBe(verdict);
  });
}

test('back-off doubles from half a minute to an hour', () => {
  const waits = [1, 2, 3, 8, 1000].map((attempts) => backOffMs(attempts, defaultStorageSettings) / 1000);
  expect(waits).toEqual([30, 60, 120, 3600, 3600]);
});

test('parts stay within S3’s ten thousand', () => {
  expect(partBytesFor(1e9, defaultStorageSettings)).toBe(16 * 1024 * 1024);
  const huge = 5 * 1024 ** 4;
  expect(Math.ceil(huge / partBytesFor(huge, defaultStorageSettings))).toBeLessThanOrEqual(10_000);
  expect(transferTimeoutMs(0, defaultStorageSettings)).toBe(30_000);
});
