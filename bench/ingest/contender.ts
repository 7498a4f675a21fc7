import type { FixEncoding } from '../fleet/fix-sender.ts';
import type { FleetSocket } from '../fleet/fleet-process.ts';
import type { BenchContext, Pinning } from '../harness/index.ts';

/** A way to build a server that takes fixes. */
export interface Contender {
  /** What `--part` calls it. */
  readonly part: string;
  readonly name: string;
  readonly encoding: FixEncoding;
  /** Fresh, without sockets. @throws Error; then nothing is left running */
  readonly start: (context: BenchContext, pinning: Pinning | null) => Promise<RunningServer>;
}

export interface RunningServer {
  readonly url: string;
  readonly couriers: readonly FleetSocket[];
  /** CPU seconds so far. @throws Error where the system does not tell */
  cpu(): Promise<ServerCpu>;
  /** Fixes that were taken so far. @throws Error when what works behind has failed */
  taken(): Promise<number>;
  /** Of these, how many history has given up so far. */
  shed(): Promise<number>;
  stop(): Promise<void>;
}

export interface ServerCpu {
  /** Of the server and of whatever it cannot answer without. */
  readonly server: number;
  /** Of what works behind it: history in PostgreSQL. */
  readonly behind: number;
}

/** Questions to a peer's program: where it listens, and how many fixes it has taken. */
export type PeerQuestion =
  { readonly kind: 'listen'; readonly redisUrl: string | null } | { readonly kind: 'count' };
