import { plainAddress } from '../shared/networks';

/** Who a request comes from, as far as those that are trusted say it. */
export type Client = {
  /** The client's address, not that of a proxy. */
  address: string;
  /** Whether the client came over HTTPS, here or at a proxy. */
  https: boolean;
  /** The host, with its port, that the client asked for. */
  host: string;
};

type Headers = { get(name: string): string | null };

/** Headers that only proxies write. */
const proxyHeaders = /^(x-forwarded.*|forwarded|x-real-ip|via|x-client-ip|true-client-ip|cf-connecting-ip)$/i;

/** The header that shows that a request came through a proxy; null: nothing shows it. */
export function proxyHeaderOf(names: Iterable<string>): string | null {
  for (const name of names) if (proxyHeaders.test(name)) return name;
  return null;
}

const hostForm = /^(\[[0-9a-f:.]+\]|[\w.-]{1,253})(:\d{1,5})?$/i;

const listOf = (header: string | null) =>
  (header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** What each proxy wrote, the one nearest to the client first. */
type Said = { addresses: string[]; protocols: string[]; hosts: string[] };

/** `Forwarded` (RFC 7239): pairs of each hop, values bare or quoted. */
function saidByForwarded(header: string): Said {
  const said: Said = { addresses: [], protocols: [], hosts: [] };
  // Commas and semicolons within quotes belong to the value.
  const hops = header.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  for (const hop of hops) {
    const pairs = new Map<string, string>();
    for (const [, name = '', quoted, bare] of hop.matchAll(
      /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+))/g,
    )) {
      pairs.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? bare ?? '');
    }
    // A hop that hides its client ends the walk there.
    said.addresses.push(pairs.get('for') ?? 'unknown');
    said.protocols.push(pairs.get('proto') ?? '');
    said.hosts.push(pairs.get('host') ?? '');
  }
  return said;
}

/**
 * A client may send `Forwarded` itself, and proxies that write `X-Forwarded-For` pass it on as it is: it
 * counts only where the other is not there.
 */
function saidBy(headers: Headers): Said {
  const forwarded = headers.get('forwarded');
  if (forwarded !== null && headers.get('x-forwarded-for') === null) return saidByForwarded(forwarded);
  return {
    addresses: listOf(headers.get('x-forwarded-for')),
    protocols: listOf(headers.get('x-forwarded-proto')),
    hosts: listOf(headers.get('x-forwarded-host')),
  };
}

/**
 * Finds the client of a request. Each proxy adds the address it was called from at the end of the list,
 * so the list is read from its end, as long as whoever wrote the entry is trusted. What comes from a
 * peer that is not trusted says nothing.
 */
export function clientOf(
  request: { peer: string; url: string; headers: Headers },
  isTrusted: (address: string) => boolean,
): Client {
  const { headers } = request;
  const own: Client = {
    address: plainAddress(request.peer) ?? request.peer,
    https: request.url.startsWith('https:'),
    host: headers.get('host') ?? '',
  };
  if (!isTrusted(own.address)) return own;
  const { addresses, protocols, hosts } = saidBy(headers);
  let { address } = own;
  let hops = 0;
  do {
    hops++;
    const next = plainAddress(addresses.at(-hops) ?? '');
    if (next === null) break;
    address = next;
  } while (isTrusted(address));
  // A proxy that overwrites instead of adding leaves fewer entries than there were hops.
  const sayOf = (list: string[]) => list[Math.max(0, list.length - hops)];
  const protocol = sayOf(protocols)?.toLowerCase();
  const host = sayOf(hosts);
  return {
    address,
    https: protocol === 'https' ? true : protocol === 'http' ? false : own.https,
    host: host !== undefined && hostForm.test(host) ? host : own.host,
  };
}
