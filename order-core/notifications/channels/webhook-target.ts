import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { orderErrors } from '../../errors.ts';
import { isPublicAddress } from './public-address.ts';

/** A host's addresses; the system's resolver unless a test says otherwise. */
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>;

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

export const systemResolve: Resolve = async (host) => await lookup(host, { all: true });

/** What the operator has allowed beside public hosts: HOST or HOST:PORT, in lower case. */
export type AllowedHosts = readonly string[];

/**
 * Where a webhook may go: https, or a host that was allowed; without a password in the URL, and not
 * to an address that is none of a public host. Names are looked at when they are resolved
 * (`safeAddresses`), for what they say may change.
 * @throws AppError `webhook_target_refused`
 */
export function safeTarget(text: string, allowed: AllowedHosts): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) throw refused('no URL');
  if (url.username !== '' || url.password !== '') throw refused('with a password');
  if (isAllowed(url, allowed)) return url;
  if (url.protocol !== 'https:') throw refused('not https');
  const host = bareHost(url);
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw refused('not a public address');
  return url;
}

/**
 * The addresses of the target, each of them public. The connection goes to one of these and is not
 * resolved again, so a name that answers differently the next time (rebinding) gains nothing.
 * @throws AppError `webhook_target_refused`; the resolver's own error
 */
export async function safeAddresses(
  url: URL,
  allowed: AllowedHosts,
  resolve: Resolve,
): Promise<readonly ResolvedAddress[]> {
  const host = bareHost(url);
  const family = isIP(host);
  const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
  if (addresses.length === 0) throw refused('no address');
  if (isAllowed(url, allowed)) return addresses;
  if (!addresses.every(({ address }) => isPublicAddress(address))) {
    throw refused('not a public address');
  }
  return addresses;
}

function isAllowed(url: URL, allowed: AllowedHosts): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  return ['http:', 'https:'].includes(url.protocol)
    ? allowed.includes(url.hostname) || allowed.includes(`${url.hostname}:${port}`)
    : false;
}

/** Without the brackets of an IPv6 address. */
function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

function refused(why: string): Error {
  return orderErrors.make('webhook_target_refused', { details: { why } });
}
