/** So many in so long, for each key. `name` is for clients, metrics and the limiter's own book. */
export interface Limit {
  readonly name: string;
  readonly quota: number;
  readonly windowSeconds: number;
}

/** How a key stands after one was taken. */
export interface Standing {
  readonly limit: Limit;
  /** False: this one was too many. */
  readonly allowed: boolean;
  readonly remaining: number;
  /** Until the quota is whole again. */
  readonly resetMs: number;
}

/**
 * Counts by windows: one begins with the first that is taken, and the quota is whole again when it
 * ends. In one process that is memory; several nodes have to count together, which is why it may wait.
 */
export interface RateLimiter {
  take(limit: Limit, key: string): Promise<Standing>;
  /** One that was taken did not count after all. */
  giveBack(limit: Limit, key: string): Promise<void>;
}
