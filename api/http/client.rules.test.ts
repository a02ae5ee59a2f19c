import { describe, expect, test } from 'bun:test';
import { clientKey, inNetworks, isNetwork } from '../shared/networks';
import { clientOf, proxyHeaderOf } from './client.rules';

const isTrusted = inNetworks(['loopback', '10.0.0.0/8', 'fd00::/8']);
const ask = (peer: string, headers: Record<string, string>) =>
  clientOf(
    { peer, url: 'http://127.0.0.1/', headers: new Headers({ Host: 'inside:3000', ...headers }) },
    isTrusted,
  );
const from = (peer: string, forwardedFor: string) => ask(peer, { 'X-Forwarded-For': forwardedFor }).address;

describe('clientOf', () => {
  test('a peer that is not trusted says nothing', () => {
    const headers = {
      'X-Forwarded-For': '1.1.1.1',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'evil.example',
      Forwarded: 'for=1.1.1.1;proto=https;host=evil.example',
    };
    expect(ask('198.51.100.7', headers)).toEqual({
      address: '198.51.100.7',
      https: false,
      host: 'inside:3000',
    });
  });

  test('a trusted proxy tells address, protocol and host', () => {
    const headers = {
      'X-Forwarded-For': '203.0.113.9',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'studio.example',
    };
    const client = { address: '203.0.113.9', https: true, host: 'studio.example' };
    expect(ask('127.0.0.1', headers)).toEqual(client);
    expect(ask('::ffff:127.0.0.1', headers)).toEqual(client);
  });

  test('the list is read from its end: what a client wrote before it counts for nothing', () => {
    expect(from('127.0.0.1', '1.1.1.1, 203.0.113.9')).toBe('203.0.113.9');
    expect(from('127.0.0.1', '1.1.1.1, 203.0.113.9, 10.0.0.2')).toBe('203.0.113.9');
    expect(from('127.0.0.1', '127.0.0.1, 203.0.113.9')).toBe('203.0.113.9');
    // A whole chain of trusted ones: the farthest.
    expect(from('127.0.0.1', '10.0.0.3, 10.0.0.2')).toBe('10.0.0.3');
  });

  test('what is no address ends the walk', () => {
    for (const odd of ['', 'unknown', 'x', '1.1.1', '1.1.1.1 2.2.2.2', 'fe80::1%eth0', '1.1.1.1, x'])
      expect(from('127.0.0.1', odd)).toBe('127.0.0.1');
    expect(from('10.0.0.2', '203.0.113.9:4711')).toBe('203.0.113.9');
    expect(from('fd00::2', '[2001:db8::1]:4711')).toBe('2001:db8::1');
  });

  test('of several protocols and hosts, those of the hop that the client came to', () => {
    const headers = {
      'X-Forwarded-For': '1.1.1.1, 203.0.113.9, 10.0.0.2',
      'X-Forwarded-Proto': 'http, https, http',
      'X-Forwarded-Host': 'evil.example, studio.example, inner',
    };
    expect(ask('127.0.0.1', headers)).toEqual({
      address: '203.0.113.9',
      https: true,
      host: 'studio.example',
    });
  });

  test('a host that is none is not taken', () => {
    for (const odd of ['a b', 'a/b', 'a@b', '<x>', ''])
      expect(ask('127.0.0.1', { 'X-Forwarded-Host': odd }).host).toBe('inside:3000');
  });

  test('Forwarded counts where X-Forwarded-For is not there', () => {
    const forwarded =
      'for=1.1.1.1, for="[2001:db8::1]:4711";proto=https;host="studio.example", for=10.0.0.2;proto=http';
    expect(ask('127.0.0.1', { Forwarded: forwarded })).toEqual({
      address: '2001:db8::1',
      https: true,
      host: 'studio.example',
    });
    expect(ask('127.0.0.1', { Forwarded: forwarded, 'X-Forwarded-For': '203.0.113.9' }).address).toBe(
      '203.0.113.9',
    );
    for (const odd of ['', 'for=unknown', 'for=_hidden', 'for=1.1.1.1, by=x', 'for="1.1.1.1'])
      expect(ask('127.0.0.1', { Forwarded: odd }).address).toBe('127.0.0.1');
  });
});

test('headers that only proxies write are known by name', () => {
  for (const name of ['X-Forwarded-For', 'x-forwarded-host', 'X-Forwarded', 'Forwarded', 'X-Real-IP', 'Via'])
    expect(proxyHeaderOf(['accept', name])).toBe(name);
  expect(proxyHeaderOf(['accept', 'host', 'x-request-id'])).toBeNull();
});

test('networks: addresses, ranges and loopback, in either family', () => {
  expect(['loopback', '10.0.0.1', '10.0.0.0/8', '::1', 'fd00::/8'].every(isNetwork)).toBe(true);
  expect(['', 'proxy', '10.0.0.0/33', '*', '10.0.0.1-9'].some(isNetwork)).toBe(false);
  const within = inNetworks(['10.1.0.0/16', 'fd00::/8', '192.0.2.1']);
  expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd00::1', '192.0.2.1'].every(within)).toBe(true);
  expect(['10.2.0.0', '192.0.2.2', '::1', '127.0.0.1', 'unknown', ''].some(within)).toBe(false);
});

test('an IPv6 client is its /64', () => {
  expect(clientKey('2001:db8:1:2:3:4:5:6')).toBe(clientKey('2001:db8:1:2::9'));
  expect(clientKey('2001:db8:1:2::9')).not.toBe(clientKey('2001:db8:1:3::9'));
  expect(clientKey('203.0.113.9')).toBe('203.0.113.9');
});
