import { BlockList, isIP } from 'node:net';

/**
 * Addresses that are no public host's: ourselves, private networks, link-local (where clouds keep
 * their metadata), shared, documentation, benchmarks, multicast and reserved ones, and those that
 * carry another address in themselves, which might be any of these (IPv4-mapped, NAT64, 6to4, Teredo).
 * Source: the IANA special-purpose address registries of IPv4 and IPv6.
 */
const V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Of IPv6 only 2000::/3 is given out to hosts; of that, these are not. */
const V6_PUBLIC = ['2000::', 3] as const;
const V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const special = new BlockList();
for (const [net, prefix] of V4) special.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of V6) special.addSubnet(net, prefix, 'ipv6');
const global = new BlockList();
global.addSubnet(...V6_PUBLIC, 'ipv6');

/** @param address an IP address in any of its spellings; anything else is not public */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special.check(address, 'ipv4');
    case 6:
      return global.check(address, 'ipv6') && !special.check(address, 'ipv6');
    default:
      return false;
  }
}
