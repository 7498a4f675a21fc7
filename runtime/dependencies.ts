/** How what failed is tried again: the pause doubles from `firstMs` to `maxMs`, with jitter. */
export interface Retry {
  /** Tries in all. */
  readonly attempts: number;
  readonly firstMs: number;
  readonly maxMs: number;
}

/** So many failures in a row, and it is left alone for so long; then one try decides. */
export interface BreakerTerms {
  readonly failures: number;
  readonly pauseMs: number;
}

export interface Dependency {
  /** To be connected. */
  readonly connectMs?: number;
  /** What the other side, or its library, is given for one request: it then ends it in order. */
  readonly requestMs?: number;
  /** Ours for the whole call; nothing waits longer. */
  readonly callMs: number;
  readonly retry: Retry | null;
  readonly breaker: BreakerTerms | null;
}

/**
 * Everything that the engine waits for and that may be away: how long, how often, and when it is left
 * alone. What is done meanwhile:
 *
 * | dependency   | while it is away                                                                  |
 * | ------------ | --------------------------------------------------------------------------------- |
 * | `database`   | commands are refused with 503; loops retry after their own pause; positions go on   |
 * | `payment`    | orders are queued at PLACED as saga steps; the payment deadline ends their patience |
 * | `settlement` | captures, voids and refunds are queued in the same way, for longer                 |
 * | `routing`    | times that are known already, else those that the fleet has taught                 |
 * | `matcher`    | the next planning round asks anew, on newer facts                                  |
 * | `email`      | notifications to people wait in their queue, then are dead letters                 |
 * | `webhook`    | those of one receiver wait in their queue, then are dead letters                   |
 */
export const DEPENDENCIES = {
  /** The retry is of transactions that lost to another one. */
  database: {
    connectMs: 3_000,
    requestMs: 4_500,
    callMs: 5_000,
    retry: { attempts: 5, firstMs: 5, maxMs: 80 },
    breaker: null,
  },
  payment: {
    requestMs: 4_000,
    callMs: 5_000,
    retry: { attempts: 8, firstMs: 200, maxMs: 10_000 },
    breaker: { failures: 10, pauseMs: 2_000 },
  },
  /** At the same provider, behind its breaker. */
  settlement: {
    requestMs: 4_000,
    callMs: 5_000,
    retry: { attempts: 20, firstMs: 200, maxMs: 60_000 },
    breaker: null,
  },
  routing: { callMs: 2_000, retry: null, breaker: { failures: 5, pauseMs: 30_000 } },
  matcher: { callMs: 5_000, retry: null, breaker: null },
  /** `requestMs`: nothing is heard of the server. A person wants to know soon or not at all: two hours. */
  email: {
    connectMs: 5_000,
    requestMs: 8_000,
    callMs: 15_000,
    retry: { attempts: 20, firstMs: 1_000, maxMs: 600_000 },
    breaker: { failures: 5, pauseMs: 10_000 },
  },
  /** From the name's lookup to the head of the answer. A program wants to know of the whole day. */
  webhook: {
    callMs: 5_000,
    retry: { attempts: 30, firstMs: 1_000, maxMs: 3_600_000 },
    breaker: null,
  },
} as const satisfies Record<string, Dependency>;
