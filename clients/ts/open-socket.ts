import type { Subprotocol, TopicPosition } from '../../protocol/index.ts';
import { TICKET_PROTOCOL_PREFIX } from '../../protocol/wire.ts';

/** By what a socket is opened: in Node a header with the token, in browsers a one-time ticket. */
export type Grant = { readonly token: string } | { readonly ticket: string };

/** Browsers' WebSockets take no headers. */
export const NEEDS_TICKET =
  (globalThis.process as NodeJS.Process | undefined)?.versions === undefined;

interface Address {
  /** http(s)://host:port */
  readonly url: string;
  readonly subprotocol: Subprotocol;
  /** Where the client was in its own topic; null: from the beginning. */
  readonly since: TopicPosition | null;
}

export function openSocket({ url, subprotocol, since }: Address, grant: Grant): WebSocket {
  const address = new URL('/v1/ws', url.replace(/^http/, 'ws'));
  if (since !== null) address.searchParams.set('since', `${since.epoch}.${since.offset}`);
  if ('ticket' in grant) {
    return new WebSocket(address, [subprotocol, `${TICKET_PROTOCOL_PREFIX}${grant.ticket}`]);
  }
  // Node's WebSocket takes headers, which the standard's constructor does not know.
  const Constructor = WebSocket as unknown as new (
    url: URL,
    init: { protocols: string[]; headers: Record<string, string> },
  ) => WebSocket;
  const headers = { Authorization: `Bearer ${grant.token}` };
  return new Constructor(address, { protocols: [subprotocol], headers });
}
