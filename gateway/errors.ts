import { lookup } from 'node:dns/promises';
import { defineErrors, withDeadline } from '../runtime/index.ts';

const LOOKUP_MS_MAX = 3_000;

/** What the edge itself refuses, beside the errors of the conversation in protocol/errors.ts. */
export const gatewayErrors = defineErrors({
  subprotocol_required: {
    status: 400,
    retryable: false,
    message: 'Sec-WebSocket-Protocol must name one that the engine speaks; see details.',
  },
  origin_refused: {
    status: 403,
    retryable: false,
    message: 'Pages of this origin may not open sockets here; see ALLOWED_ORIGINS.',
  },
  too_many_commands: {
    status: 429,
    retryable: true,
    message: 'Too many commands of this socket wait for their answer.',
  },
  rate_limited: {
    status: 429,
    retryable: true,
    message: 'Too many of these in too short a time; see details.',
  },
  overloaded: {
    status: 503,
    retryable: true,
    message: 'The engine has too much to do and leaves this for later.',
  },
  area_too_large: {
    status: 422,
    retryable: false,
    message: 'The area touches more cells than may be watched at one time; see details.',
  },
  too_many_watchers: {
    status: 429,
    retryable: true,
    message: 'As many operators as may watch an area do.',
  },
  too_many_revocations: {
    status: 429,
    retryable: true,
    message: 'As many tokens are revoked as may be; change the key that signs them.',
  },
  cross_site: {
    status: 403,
    retryable: false,
    message: 'Sessions of pages are for the pages of this engine only.',
  },
  demo_off: {
    status: 403,
    retryable: false,
    message: 'Trying out as anybody is for a browser at the machine of an engine with its own key.',
  },
  fix_dropped: {
    status: 422,
    retryable: false,
    message: 'The fix was not taken; see details.',
  },
});

/** A port cannot be opened; `message` says which one and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  constructor(host: string, port: number, cause?: unknown) {
    const why =
      cause instanceof UnknownHost
        ? 'no address is known for this name. Set the host to an address of this machine.'
        : "the port is taken, or the address is not this machine's. " +
          'Stop the other process or choose another port.';
    super(`Cannot listen on ${host}:${port}: ${why}`, { cause });
  }
}

/** A name has no address, or none that was found in time. */
class UnknownHost extends Error {
  override readonly name = 'UnknownHost';
}

/**
 * Asks for the name's address before it is listened on: the socket library says of a name that it does
 * not know the same as of a port that is taken.
 * @throws ListenError
 */
export async function requireKnownHost({ host, port }: Readonly<ListenAddress>): Promise<void> {
  try {
    await withDeadline(lookup(host), LOOKUP_MS_MAX, 'lookup');
  } catch (error) {
    throw new ListenError(host, port, new UnknownHost(host, { cause: error }));
  }
}

interface ListenAddress {
  readonly host: string;
  readonly port: number;
}
