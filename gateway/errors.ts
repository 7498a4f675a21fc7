import { defineErrors } from '../runtime/index.ts';

/** What the edge itself refuses, beside the errors of the conversation in protocol/errors.ts. */
export const gatewayErrors = defineErrors({
  subprotocol_required: {
    status: 400,
    retryable: false,
    message: 'Sec-WebSocket-Protocol must name one that the engine speaks; see details.',
  },
  too_many_commands: {
    status: 429,
    retryable: true,
    message: 'Too many commands of this socket wait for their answer.',
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
    super(
      `Cannot listen on ${host}:${port}: the port is taken, or the address is not this machine's. ` +
        'Stop the other process or choose another port.',
      { cause },
    );
  }
}
