import ipaddr from 'ipaddr.js';
import { AppError } from '../../shared/errors';
import { cutText } from '../../shared/text';

export type Address = { address: string; family: 4 | 6 };

/** The error for a URL that must not be fetched. */
export function urlNotAllowed(why: string): AppError {
  return new AppError({
    code: 'UrlNotAllowed',
    message: `This URL cannot be fetched: ${why}. Give an http or https URL of a public server.`,
  });
}

/**
 * Reads a URL that a user gave. The URL parser turns every notation of an IPv4 address (decimal,
 * octal, hexadecimal, shortened, full-width) into the dotted one. @throws AppError `UrlNotAllowed`.
 */
export function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw urlNotAllowed('it is not a URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw urlNotAllowed(`"${cutText(url.protocol, 20)}" is not http or https`);
  if (url.username !== '' || url.password !== '') throw urlNotAllowed('it has a user name or password in it');
  if (url.hostname === '') throw urlNotAllowed('it names no server');
  return url;
}

/** The port that a URL means. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

/** The address when the host is written as one, else null. */
export function literalAddress(url: URL): Address | null {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.IPv4.isValidFourPartDecimal(host)) return { address: host, family: 4 };
  return ipaddr.IPv6.isValid(host) ? { address: host, family: 6 } : null;
}

export type AddressKind = 'public' | 'loopback' | 'forbidden';

/** IPv6 space that is routed in public (IANA); outside it lie for instance the old `::a.b.c.d` forms. */
const globalIpv6 = ipaddr.IPv6.parseCIDR('2000::/3');

/** What kind of place an address is; IPv4 inside IPv6 is looked at as IPv4. */
export function kindOfAddress(address: string): AddressKind {
  // An address with a zone (`fe80::1%eth0`) is never public.
  if (!ipaddr.isValid(address) || address.includes('%')) return 'forbidden';
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === 'loopback') return 'loopback';
  if (range !== 'unicast') return 'forbidden';
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(globalIpv6)) return 'forbidden';
  return 'public';
}

/** Ports of the web; others are where services listen that nobody meant to be reached. */
const webPorts: readonly number[] = [80, 443];

/**
 * Decides whether a URL may be fetched from these addresses of its host. One bad address refuses the
 * host: which one is used is the network's choice. @throws AppError `UrlNotAllowed`.
 */
export function requireAllowed(
  url: URL,
  addresses: readonly Address[],
  rules: { allowLoopback: boolean; extraPorts: readonly number[] },
): void {
  const kinds = addresses.map(({ address }) => kindOfAddress(address));
  const loopback = rules.allowLoopback && kinds.length > 0 && kinds.every((kind) => kind === 'loopback');
  if (loopback) return;
  const port = portOf(url);
  if (![...webPorts, ...rules.extraPorts].includes(port)) throw urlNotAllowed(`port ${port} is not allowed`);
  if (kinds.length === 0 || kinds.some((kind) => kind !== 'public'))
    throw urlNotAllowed(`${url.hostname} is not a public address`);
}

/** The headers for the next hop: what proves who we are stays with the host it was meant for. */
export function headersForHop(
  headers: Readonly<Record<string, string>>,
  from: URL,
  to: URL,
): Record<string, string> {
  if (from.origin === to.origin) return { ...headers };
  const secret = new Set(['authorization', 'cookie', 'proxy-authorization', 'x-api-key']);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !secret.has(name.toLowerCase())));
}
