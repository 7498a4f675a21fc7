import { BlockList, isIP } from 'node:net';

/** Of an IPv6 address the network: a household or a server has all 2^64 addresses of it. */
const IPV6_NETWORK_GROUPS = 4;
/** Proxies in a row; a longer way is somebody's invention. */
const HOPS_MAX = 10;

/** Proxies that may say for whom they ask. */
export class TrustedProxies {
  readonly #list: BlockList | null;

  /** @param text addresses and networks, `10.0.0.0/8, fd00::/8`, as the configuration has checked */
  constructor(text: string) {
    const entries = text.split(',').flatMap((entry) => entry.trim() || []);
    this.#list = entries.length === 0 ? null : new BlockList();
    for (const entry of entries) {
      const [address = '', bits] = entry.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#list?.addAddress(address, family);
      else this.#list?.addSubnet(address, Number(bits), family);
    }
  }

  /**
   * What counts as the address of the client: of IPv4 the address, of IPv6 the network of 64 bits.
   *
   * The last entry of `X-Forwarded-For` is the one that our own proxy wrote; every entry before it is
   * what somebody farther away says. So they are read from the end, as long as a trusted proxy speaks.
   * @param peer address of the connection
   * @param forwardedFor the header, all its lines joined by commas; '' when absent
   */
  clientOf(peer: string, forwardedFor: string): string {
    let client = plain(peer);
    if (this.#list === null || forwardedFor === '') return keyOf(client);
    for (const entry of forwardedFor.split(',').slice(-HOPS_MAX).reverse()) {
      if (!this.#trusts(client)) break;
      const before = plain(entry.trim());
      if (isIP(before) === 0) break;
      client = before;
    }
    return keyOf(client);
  }

  #trusts(address: string): boolean {
    return this.#list?.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') ?? false;
  }
}

/** An IPv4 address that is written as IPv6 (`::ffff:10.0.0.1`) in its own way; without brackets. */
function plain(address: string): string {
  const bare = address.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 6) return bare;
  const groups = groupsOf(bare);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (!isMapped) return bare;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}

function keyOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const network = groupsOf(address).slice(0, IPV6_NETWORK_GROUPS);
  return `${network.map((group) => group.toString(16)).join(':')}::/64`;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // The URL parser knows every spelling, and gives one: without a zone, without dots.
  const { hostname } = new URL(`http://[${address.replace(/%.*$/, '')}]`);
  const [head = '', tail] = hostname.slice(1, -1).split('::');
  const numbers = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [front, back] = [numbers(head), numbers(tail ?? '')];
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => 0);
  return [...front, ...zeros, ...back];
}
