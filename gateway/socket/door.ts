import { parsePosition, SUBPROTOCOLS, type Subprotocol } from '../../protocol/index.ts';
import type { AppError } from '../../runtime/index.ts';
import type { UpgradeRequest } from '../edge.ts';
import { gatewayErrors } from '../errors.ts';
import type { EdgeLimits } from '../limits/edge-limits.ts';
import type { Tickets } from '../tickets.ts';
import type { Identity, TokenVerifier } from '../tokens.ts';
import type { SocketIdentity } from './session.ts';

/** Who opens a socket, and from where. */
export interface SocketGuest extends SocketIdentity {
  readonly address: string;
}

interface DoorDeps {
  readonly limits: EdgeLimits;
  readonly tokens: TokenVerifier;
  readonly tickets: Tickets;
  /** Origins of other hosts whose pages may open sockets, as browsers send them. */
  readonly allowedOrigins: readonly string[];
  /** Why nobody comes in at the moment; null when they do. */
  readonly refusesWork: () => AppError | null;
}

/** Who may open a WebSocket, and as whom: everything that is decided before the first frame. */
export class SocketDoor {
  readonly #deps: DoorDeps;

  constructor(deps: DoorDeps) {
    this.#deps = deps;
  }

  /**
   * Accepts, as whom the ticket or the token names.
   * @throws AppError `origin_refused`, `unauthorized`, `subprotocol_required`, `rate_limited`,
   *   `overloaded`, `shutting_down`; then nothing was accepted
   */
  admit(request: UpgradeRequest<SocketGuest>): void {
    const refusal = this.#deps.refusesWork();
    if (refusal !== null) throw refusal;
    const { limits } = this.#deps;
    const address = limits.proxies.clientOf(request.peer, request.headers.forwardedFor);
    limits.sockets.admitAddress(address);
    this.#requireOrigin(request);
    const identity = this.#identify(request, address);
    const subprotocol = subprotocolOf(request.subprotocols);
    limits.sockets.admitClient(identity);
    const since = parsePosition(new URLSearchParams(request.query).get('since') ?? '');
    request.accept(subprotocol, { ...identity, subprotocol, since, address });
  }

  /**
   * A page of a stranger must not open sockets with what a browser holds of its user. Apps that are no
   * pages send no `Origin`.
   */
  #requireOrigin({ headers: { origin, host } }: UpgradeRequest<SocketGuest>): void {
    if (origin === '' || this.#deps.allowedOrigins.includes(origin)) return;
    const isOurs = origin === `https://${host}` || origin === `http://${host}`;
    if (!isOurs || host === '') throw gatewayErrors.make('origin_refused');
  }

  /** By a one-time ticket, or a token. */
  #identify(request: UpgradeRequest<SocketGuest>, address: string): Identity {
    const { limits, tokens, tickets } = this.#deps;
    try {
      const identity = tickets.redeem(request.subprotocols);
      if (identity === null) return tokens.verify(request.headers.authorization);
      tokens.requireValid(identity);
      return identity;
    } catch (error) {
      limits.sockets.admitStranger(address);
      throw error;
    }
  }
}

/** @throws AppError `subprotocol_required` */
function subprotocolOf(offered: readonly string[]): Subprotocol {
  const spoken = offered.find((name): name is Subprotocol =>
    (SUBPROTOCOLS as readonly string[]).includes(name),
  );
  if (spoken !== undefined) return spoken;
  throw gatewayErrors.make('subprotocol_required', { details: { spoken: SUBPROTOCOLS } });
}
