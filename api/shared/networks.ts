import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;
type Network = [Address, number];

const loopback: Network[] = [ipaddr.parseCIDR('127.0.0.0/8'), ipaddr.parseCIDR('::1/128')];

/** An IPv4 address that came as an IPv6 one (`::ffff:10.0.0.1`) is the IPv4 address; `10.1` is none. */
const read = (text: string): Address | null =>
  ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text) ? ipaddr.process(text) : null;

/** Networks of one entry: an address, `address/bits`, or the word `loopback`. Null: none of these. */
function networksOf(entry: string): Network[] | null {
  if (entry.toLowerCase() === 'loopback') return loopback;
  if (ipaddr.isValidCIDR(entry) && read(entry.split('/')[0] ?? '') !== null) return [ipaddr.parseCIDR(entry)];
  const address = read(entry);
  return address === null ? null : [[address, address.kind() === 'ipv4' ? 32 : 128]];
}

export const isNetwork = (entry: string): boolean => networksOf(entry) !== null;

/** Tells whether an address lies in one of the networks; entries that are none (`isNetwork`) hold nothing. */
export function inNetworks(entries: readonly string[]): (address: string) => boolean {
  const networks = entries.flatMap((entry) => networksOf(entry) ?? []);
  if (networks.length === 0) return () => false;
  return (text) => {
    const address = read(text);
    return (
      address !== null &&
      networks.some(([network, bits]) => network.kind() === address.kind() && address.match([network, bits]))
    );
  };
}

/**
 * An address in one spelling; null when it is none. A port after it (`1.2.3.4:80`, `[::1]:80`) is cut off:
 * some proxies write it.
 */
export function plainAddress(text: string): string | null {
  // The usual one, in the only spelling it has.
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  const bare = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  // A zone names an interface of the machine that wrote it.
  return bare.includes('%') ? null : (read(bare)?.toString() ?? null);
}

/** What counts as one client: an IPv4 address, or the /64 that an IPv6 client has to itself. */
export function clientKey(address: string): string {
  const parsed = read(address);
  if (parsed === null || parsed.kind() === 'ipv4') return address;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`;
}
