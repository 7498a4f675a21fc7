import type { Strain } from '../ports.ts';

/**
 * When too much is asked of the engine, it leaves undone what matters least, step by step. What orders
 * under way need (their events, commands about them) is never left undone; where their couriers are is
 * told less often.
 */
export const STEPS = ['normal', 'spare', 'hold', 'defend'] as const;
export type Step = 0 | 1 | 2 | 3;

/** What can be left undone, and from which step on it is. */
export const SHED_FROM = {
  /** Looks back: lists, days, quotes for another time. */
  history: 1,
  /** Whole areas, as they move. */
  live_map: 1,
  /** Topics that were not listened to yet. */
  subscription: 2,
  new_order: 3,
} as const satisfies Record<string, Step>;
export type Sheddable = keyof typeof SHED_FROM;

/** How often watchers of an order are told where its courier is, at most, ms; 0: at each fix. */
export const POSITIONS_EVERY_MS: Readonly<Record<Step, number>> = {
  0: 0,
  1: 5_000,
  2: 30_000,
  3: 30_000,
};

/** What overload shows by. */
export interface Signs extends Strain {
  /** The longest time in which the event loop did nothing but one thing. */
  readonly loopDelayMs: number;
}

/**
 * At which a step is called for, any of them. A fix has to be on the map within a second and an order
 * acknowledged within two; what is left undone first is left undone long before.
 */
const ENTER: Readonly<Record<1 | 2 | 3, Signs>> = {
  1: { loopDelayMs: 250, poolWaitMs: 500, outboxLagMs: 5_000 },
  2: { loopDelayMs: 500, poolWaitMs: 1_000, outboxLagMs: 15_000 },
  3: { loopDelayMs: 1_000, poolWaitMs: 2_000, outboxLagMs: 30_000 },
};
/** A step is left when every sign is below this part of what it is entered at. */
const LEAVE_PART = 0.5;
/** Looks in a row that call for a higher step before it is entered: one pause is no overload. */
const LOOKS_TO_ENTER = 2;
/** Looks in a row that are calm before a step is left, one at a time: what comes back is load too. */
const LOOKS_TO_LEAVE = 6;

/** Where the engine stands, and how many looks in a row have asked for another step. */
export interface OverloadState {
  readonly step: Step;
  /** The lowest step that each of the last `strained` looks called for; as `step` when there is none. */
  readonly called: Step;
  readonly strained: number;
  readonly calm: number;
}

export const AT_EASE: OverloadState = { step: 0, called: 0, strained: 0, calm: 0 };

/** The state after one more look. */
export function afterLook(state: OverloadState, signs: Signs): OverloadState {
  const { step } = state;
  const asked = calledFor(signs);
  if (asked > step) {
    const strained = state.strained + 1;
    const called = state.strained === 0 ? asked : lower(state.called, asked);
    if (strained >= LOOKS_TO_ENTER) return rested(called);
    return { step, called, strained, calm: 0 };
  }
  if (step === 0 || !isCalm(signs, step)) return rested(step);
  const calm = state.calm + 1;
  if (calm >= LOOKS_TO_LEAVE) return rested((step - 1) as Step);
  return { ...rested(step), calm };
}

/** In this step, with nothing that speaks for another. */
function rested(step: Step): OverloadState {
  return { step, called: step, strained: 0, calm: 0 };
}

/** The highest step that any sign calls for. */
function calledFor(signs: Signs): Step {
  for (const step of [3, 2, 1] as const) {
    if (!isBelow(signs, ENTER[step], 1)) return step;
  }
  return 0;
}

function isCalm(signs: Signs, step: 1 | 2 | 3): boolean {
  return isBelow(signs, ENTER[step], LEAVE_PART);
}

function isBelow(signs: Signs, limits: Signs, part: number): boolean {
  return (
    signs.loopDelayMs < limits.loopDelayMs * part &&
    signs.poolWaitMs < limits.poolWaitMs * part &&
    signs.outboxLagMs < limits.outboxLagMs * part
  );
}

function lower(a: Step, b: Step): Step {
  return a < b ? a : b;
}
