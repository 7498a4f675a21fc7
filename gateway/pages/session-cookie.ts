import type { PageRole } from '../../protocol/index.ts';

/**
 * The cookie that keeps a page's access token where no script sees it: one for each role, so that the
 * pages of one browser may be a restaurant and a courier at once. It is sent to the session routes only.
 */
const PATH = '/v1/session';
/** Names of this machine; what goes there is not seen by others. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/** @param host the `Host` header */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** @param token as it is in the header, '' removes the cookie; @param maxAgeSeconds whole */
export function sessionCookie(
  role: PageRole,
  token: string,
  { host, maxAgeSeconds }: { readonly host: string; readonly maxAgeSeconds: number },
): string {
  // Not every browser takes a `Secure` cookie from this very machine without TLS.
  const secure = isLoopback(host) ? '' : '; Secure';
  const life = `Max-Age=${token === '' ? 0 : maxAgeSeconds}`;
  return `${nameOf(role)}=${token}; Path=${PATH}; ${life}; HttpOnly; SameSite=Strict${secure}`;
}

/** '' when there is none. @param cookies the `Cookie` header */
export function tokenIn(cookies: string, role: PageRole): string {
  const wanted = `${nameOf(role)}=`;
  const found = cookies.split(';').find((cookie) => cookie.trim().startsWith(wanted));
  return found?.trim().slice(wanted.length) ?? '';
}

function nameOf(role: PageRole): string {
  return `hexfleet_${role}`;
}
