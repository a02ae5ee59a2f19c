import type { FileHashes } from './file-hash';

/** What HeadObject told, as far as it can prove that the object has our bytes. */
export type HeadFacts = {
  bytes: number | undefined;
  /** Base64; of an object that was sent in parts the hash of the parts' hashes, `-` and their number. */
  checksumSha256: string | undefined;
  etag: string | undefined;
  /** Encrypted with a key of KMS or of the customer: then the ETag is no MD5. */
  opaqueEtag: boolean;
};

export type Verdict = { verdict: 'same' } | { verdict: 'different'; why: string } | { verdict: 'unknown' };

/** The checksum that S3 reports for an object sent in these parts. */
export function compositeSha256(hashes: FileHashes): string {
  const all = new Bun.CryptoHasher('sha256');
  for (const part of hashes.parts) all.update(part.sha256);
  return `${all.digest('base64')}-${hashes.parts.length}`;
}

/** The ETag of an object sent in these parts: the MD5 of the parts' MD5s, `-` and their number. */
export function multipartEtag(hashes: FileHashes): string {
  const all = new Bun.CryptoHasher('md5');
  for (const part of hashes.parts) all.update(part.md5);
  return `${all.digest('hex')}-${hashes.parts.length}`;
}

/**
 * Whether S3's answer proves that the object has the bytes that were hashed: the size must match; a
 * returned checksum decides; else an ETag that is an MD5 or a multipart MD5 of as many parts as ours
 * decides; else nothing comparable was returned and the object has to be read back.
 */
export function judgeHead(hashes: FileHashes, head: HeadFacts): Verdict {
  if (head.bytes === undefined) return { verdict: 'different', why: 'S3 did not tell its size' };
  if (head.bytes !== hashes.bytes)
    return { verdict: 'different', why: `S3 has ${head.bytes} bytes of ${hashes.bytes}` };

  const checksum = head.checksumSha256;
  if (checksum !== undefined) {
    const parts = /-(\d+)$/.exec(checksum)?.[1];
    if (parts === undefined) {
      return checksum === hashes.sha256.toString('base64')
        ? { verdict: 'same' }
        : { verdict: 'different', why: 'S3 tells another SHA-256' };
    }
    if (Number(parts) === hashes.parts.length) {
      return checksum === compositeSha256(hashes)
        ? { verdict: 'same' }
        : { verdict: 'different', why: 'S3 tells another SHA-256 of the parts' };
    }
  }

  const etag = head.etag?.replace(/^W\//, '').replaceAll('"', '').toLowerCase();
  if (etag === undefined || head.opaqueEtag) return { verdict: 'unknown' };
  if (/^[0-9a-f]{32}$/.test(etag)) {
    return etag === hashes.md5.toString('hex')
      ? { verdict: 'same' }
      : { verdict: 'different', why: `S3 tells another ETag (${etag})` };
  }
  const parts = /^[0-9a-f]{32}-(\d+)$/.exec(etag)?.[1];
  if (parts !== undefined && Number(parts) === hashes.parts.length) {
    return etag === multipartEtag(hashes)
      ? { verdict: 'same' }
      : { verdict: 'different', why: `S3 tells another ETag (${etag})` };
  }
  return { verdict: 'unknown' };
}
