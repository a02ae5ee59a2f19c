import { describe, expect, test } from 'bun:test';
import { readConfig } from '../../api/config';
import { type ExposureFacts, type ExposureSettings, exposuresOf } from './exposures';

const closed: ExposureFacts = { userId: 1000, folders: [{ path: '/data', mode: 0o40700 }] };
const settings = (changes: Partial<ExposureSettings> = {}): ExposureSettings => ({
  ...readConfig({}),
  ...changes,
});
const found = (changes: Partial<ExposureSettings>, facts: Partial<ExposureFacts> = {}) =>
  exposuresOf(settings(changes), { ...closed, ...facts });

test('a studio for its own machine alone, and one behind HTTPS with everything encrypted, are warned of nothing', () => {
  expect(found({})).toEqual([]);
  expect(
    found({
      HOST: '0.0.0.0',
      PUBLIC_URL: 'https://studio.example.com',
      TRUSTED_PROXIES: ['loopback'],
      CORS_ORIGINS: ['https://pages.example.com', 'http://localhost:5173'],
      DATABASE_URL: 'postgres://studio:secret@db.example.com/studio?sslmode=verify-full',
      S3_ENDPOINT: 'https://s3.example.com',
      S3_PUBLIC_ENDPOINT: 'https://media.example.com',
    }),
  ).toEqual([]);
  expect(found({ DATABASE_URL: 'postgres://a:b@127.0.0.1/c', S3_ENDPOINT: 'http://localhost:9000' })).toEqual(
    [],
  );
});

describe('each exposure is told, and what to do', () => {
  const cases: [string, Partial<ExposureSettings>, Partial<ExposureFacts>, RegExp][] = [
    ['a network without HTTPS', { HOST: '0.0.0.0' }, {}, /HOST is 0\.0\.0\.0 .*PUBLIC_URL/],
    ['a public address without HTTPS', { PUBLIC_URL: 'http://studio.example.com' }, {}, /PUBLIC_URL is not/],
    [
      'a proxy that nobody named',
      { PUBLIC_URL: 'https://studio.example.com' },
      {},
      /TRUSTED_PROXIES is not set/,
    ],
    ['pages of anybody', { CORS_ORIGINS: ['*'] }, {}, /CORS_ORIGINS has \*/],
    ['pages without HTTPS', { CORS_ORIGINS: ['http://pages.example.com'] }, {}, /http:\/\/pages/],
    ['fetches from this machine', { FETCH_ALLOW_LOOPBACK: true }, {}, /FETCH_ALLOW_LOOPBACK/],
    ['media kept', { KEEP_LOCAL_MEDIA: true }, {}, /KEEP_LOCAL_MEDIA/],
    ['a store without TLS', { S3_ENDPOINT: 'http://10.0.0.9:9000' }, {}, /S3_ENDPOINT \(10\.0\.0\.9:9000\)/],
    ['the same for browsers', { S3_PUBLIC_ENDPOINT: 'http://media.example.com' }, {}, /S3_PUBLIC_ENDPOINT/],
    [
      'a database without TLS',
      { DATABASE_URL: 'postgres://studio:secret@db.example.com:5432/studio' },
      {},
      /DATABASE_URL \(db\.example\.com:5432\)/,
    ],
    [
      'a database that takes TLS or not',
      { DATABASE_URL: 'postgres://studio:secret@db.example.com/studio?sslmode=prefer' },
      {},
      /DATABASE_URL \(db\.example\.com\)/,
    ],
    ['an open folder', {}, { folders: [{ path: '/data', mode: 0o40755 }] }, /\/data \(mode 755\).*chmod/],
    ['a folder that a group reads', {}, { folders: [{ path: '/b', mode: 0o40740 }] }, /\/b \(mode 740\)/],
    ['root', {}, { userId: 0 }, /runs as root/],
  ];
  test.each(cases)('%s', (_name, changes, facts, expected) => {
    const warnings = found(changes, facts);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(expected);
    expect(warnings[0]).not.toMatch(/secret/);
  });
});
