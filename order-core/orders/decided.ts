import type { Change } from '../model/change.ts';
import type { Order, StepRef } from '../model/order.ts';

/** Who caused a change, and by what. */
export interface Cause {
  /** `role:subject`, or the engine's own part. */
  readonly actor: string;
  /** What made it happen: a command's id, a timer, a step. */
  readonly causation: string | null;
  /** The saga step whose outcome this change is. */
  readonly finishedStep?: StepRef;
  /** Under which the command is carried out once. */
  readonly key?: CommandKey;
}

export interface CommandKey {
  readonly key: string;
  /** The command, to tell a repetition from a mistake. */
  readonly hash: Buffer;
}

/** A change that was decided, and on what. */
export interface Decided {
  readonly order: Order;
  readonly change: Change;
  readonly cause: Cause;
  /** For how long the steps that begin are this process's own; null: anybody may take them. */
  readonly leaseMs: number | null;
}
