import { readdir } from 'node:fs/promises';
import { sep } from 'node:path';
import type S3rver from '@20minutes/s3rver';
import FilesystemStore from '@20minutes/s3rver/lib/stores/filesystem.js';
import { isMissing } from './local-files';

const MOST_KEYS = 1000;
const OBJECT_ENDING = '._S3rver_object';

type Page = { keys: string[]; prefixes: string[]; isTruncated: boolean; last: string };

/**
 * ListObjectsV2. The package encrypts the token of the next page with a cipher that neither Bun nor a newer
 * OpenSSL has, so that a bucket of more than 1,000 objects could not be listed at all; and its pages follow
 * the order of the file system, in which keys of a later page get lost.
 */
export function listedInPages(store: S3rver): S3rver['middleware'][number] {
  return async (context, next) => {
    const [bucket = '', key = ''] = context.path.slice(1).split('/');
    const { query } = context;
    const isListing = context.method === 'GET' && key === '' && query['list-type'] === '2';
    if (!isListing || (await store.store.getBucket(bucket)) === null) return next();
    const text = (name: string) => (typeof query[name] === 'string' ? query[name] : '');
    const token = text('continuation-token');
    const asked = /^\d+$/.test(text('max-keys')) ? Number(text('max-keys')) : MOST_KEYS;
    const page = pageOfKeys(await keysOf(store, bucket), {
      prefix: text('prefix'),
      delimiter: text('delimiter'),
      after: token === '' ? text('start-after') : Buffer.from(token, 'base64url').toString(),
      most: Math.min(MOST_KEYS, asked),
    });
    const contents = await Promise.all(page.keys.map((one) => describe(store, bucket, one)));
    const present = contents.filter((one) => one !== null);
    context.status = 200;
    context.body = {
      ListBucketResult: {
        '@': { xmlns: 'http://s3.amazonaws.com/doc/2006-03-01/' },
        Name: bucket,
        Prefix: text('prefix'),
        ...(token === '' ? {} : { ContinuationToken: token }),
        ...(page.isTruncated ? { NextContinuationToken: Buffer.from(page.last).toString('base64url') } : {}),
        KeyCount: present.length + page.prefixes.length,
        MaxKeys: asked,
        ...(text('delimiter') === '' ? {} : { Delimiter: text('delimiter') }),
        IsTruncated: page.isTruncated,
        Contents: present,
        CommonPrefixes: page.prefixes.map((Prefix) => ({ Prefix })),
      },
    };
  };
}

/** Every key of a bucket, in order. */
async function keysOf(store: S3rver, bucket: string): Promise<string[]> {
  const root = store.store.getBucketPath(bucket);
  const names = await readdir(root, { recursive: true });
  return names
    .filter((name) => name.endsWith(OBJECT_ENDING))
    .map((name) => name.slice(0, -OBJECT_ENDING.length).split(sep).join('/'))
    .map((path) => FilesystemStore.decodeKeyPath(path))
    .sort();
}

/** The first keys and common prefixes after `after`, `most` of both together. @param keys in order */
function pageOfKeys(
  keys: readonly string[],
  options: { prefix: string; delimiter: string; after: string; most: number },
): Page {
  const { prefix, delimiter, after, most } = options;
  const page: Page = { keys: [], prefixes: [], isTruncated: false, last: after };
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const name = end < 0 ? key : key.slice(0, end + delimiter.length);
    if (name <= page.last) continue;
    if (page.keys.length + page.prefixes.length >= most) return { ...page, isTruncated: most > 0 };
    page.last = name;
    (end < 0 ? page.keys : page.prefixes).push(name);
  }
  return page;
}

/** Null when it was deleted meanwhile. */
async function describe(store: S3rver, bucket: string, key: string) {
  try {
    const metadata = await store.store.getMetadata(bucket, key);
    return {
      Key: key,
      LastModified: new Date(metadata['last-modified']).toISOString(),
      ETag: metadata.etag,
      Size: metadata['content-length'],
      StorageClass: 'STANDARD',
    };
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw thrown;
  }
}
