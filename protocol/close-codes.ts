export interface CloseCode {
  readonly code: number;
  /** In the close frame. */
  readonly reason: string;
  /** For the documents: what happened, and what the client does now. */
  readonly meaning: string;
}

/** Every code with which the gateway closes a WebSocket. The numbers are for ever. */
export const CLOSE_CODES = {
  goingAway: {
    code: 1001,
    reason: 'going away',
    meaning: 'The engine stops or restarts: connect again after a moment.',
  },
  tooBig: {
    code: 1009,
    reason: 'message too big',
    meaning: 'A frame of more bytes than this role may send in one: the client has a bug.',
  },
  tryAgain: {
    code: 1013,
    reason: 'try again later',
    meaning: 'What the socket needs to begin could not be read: connect again after a moment.',
  },
  badFrame: {
    code: 4400,
    reason: 'bad frame',
    meaning: 'A frame that breaks the protocol: the client has a bug; do not repeat it.',
  },
  unauthorized: {
    code: 4401,
    reason: 'unauthorized',
    meaning:
      'The token has expired, or its courier does not exist: get a new one before connecting again.',
  },
  tooSlow: {
    code: 4408,
    reason: 'too slow',
    meaning: 'The client read too slowly for too long: connect again, and read faster.',
  },
  revoked: {
    code: 4403,
    reason: 'revoked',
    meaning: 'The token was revoked: a new one has to be asked for.',
  },
  replaced: {
    code: 4409,
    reason: 'replaced by a newer connection',
    meaning: 'A newer socket of the same courier took over: do not connect again.',
  },
  flooding: {
    code: 4429,
    reason: 'too many messages',
    meaning: 'The client went on sending far more than is taken: mend it before connecting again.',
  },
} as const satisfies Record<string, CloseCode>;
