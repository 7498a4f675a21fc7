/** Every code with which the gateway closes a WebSocket. The numbers are for ever. */
export const CLOSE_CODES = {
  /** The engine stops or restarts: connect again after a moment. */
  goingAway: { code: 1001, reason: 'going away' },
  /** A frame of more bytes than this role may send in one: the client has a bug. */
  tooBig: { code: 1009, reason: 'message too big' },
  /** What the socket needs to begin could not be read: connect again after a moment. */
  tryAgain: { code: 1013, reason: 'try again later' },
  /** A frame that breaks the protocol: the client has a bug; do not repeat it. */
  badFrame: { code: 4400, reason: 'bad frame' },
  /** The token has expired, or its courier does not exist: get a new one before connecting again. */
  unauthorized: { code: 4401, reason: 'unauthorized' },
  /** The token was revoked: a new one has to be asked for. */
  revoked: { code: 4403, reason: 'revoked' },
  /** A newer socket of the same courier took over. */
  replaced: { code: 4409, reason: 'replaced by a newer connection' },
  /** The client read too slowly for too long. */
  tooSlow: { code: 4408, reason: 'too slow' },
} as const;
