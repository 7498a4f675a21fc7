import type { RequestHeaders } from '../edge.ts';
import { gatewayErrors } from '../errors.ts';

/**
 * Sessions are for the pages of this engine: what another site makes a browser ask for is refused.
 *
 * Browsers say with `Sec-Fetch-Site` where a request comes from, but only to hosts that they trust
 * (https, or this machine). To others they say `Origin`, if the request is more than a reading. A
 * reading that says neither may be an old browser's: the cookie, which is `SameSite=Strict`, did not
 * come with it from another site.
 * @throws AppError `cross_site`
 */
export function requireSameSite(method: string, headers: RequestHeaders): void {
  const { secFetchSite, origin, host } = headers;
  const isOurs =
    secFetchSite !== ''
      ? secFetchSite === 'same-origin'
      : origin !== ''
        ? hostOf(origin) === host.toLowerCase()
        : method === 'GET';
  if (!isOurs) throw gatewayErrors.make('cross_site');
}

/** '' for what is none, such as `null`. */
function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : '';
}
