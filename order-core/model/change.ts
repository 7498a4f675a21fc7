import type {
  Attention,
  CancelReason,
  OfferWhy,
  OrderEventType,
  OrderState,
  PaymentState,
  Rating,
} from '../../protocol/index.ts';
import type { AppError } from '../../runtime/index.ts';
import { assertMayFollow } from './transitions.ts';
import type {
  Basket,
  CourierSearch,
  Modification,
  Order,
  Payment,
  Refund,
  StepRef,
  TimerKind,
} from './order.ts';

/**
 * What one decision does to one order. Committed whole, as one statement, or not at all:
 * `commit-change.ts`. A change is a value; building it touches nothing.
 */
export interface Change {
  readonly state?: OrderState;
  readonly cancelReason?: CancelReason;
  readonly courierId?: string | null;
  readonly courierSearch?: CourierSearch;
  readonly readyAtMs?: number;
  readonly confirmed?: true;
  readonly attention?: Attention | null;
  /** New items and prices. */
  readonly basket?: Basket;
  readonly modification?: Modification | null;
  readonly codeAttempts?: number;
  readonly rating?: Rating;
  readonly payment?: Partial<Omit<Payment, 'method'>>;
  /** New authorizations, and what became of old ones. */
  readonly authorizations?: readonly {
    readonly generation: number;
    readonly amountMinor: number;
    readonly state: PaymentState;
    readonly intentId?: string | null;
  }[];
  readonly refund?: Refund & { readonly providerRefundId?: string };
  /** Appended in this order. */
  readonly events: readonly Happening[];
  /** Work to begin at other systems. */
  readonly steps?: readonly StepRef[];
  /** Each replaces a timer of the same kind. */
  readonly setTimers?: readonly { readonly kind: TimerKind; readonly inMs: number }[];
  readonly clearTimers?: readonly TimerKind[];
  /** Portions taken from (below zero) or given back to items that are counted. */
  readonly stock?: readonly StockMove[];
  /** A courier is asked, or bound by an operator: takes a slot. */
  readonly newOffer?: {
    readonly offerId: string;
    readonly courierId: string;
    /** The courier must still be as it was seen; null: whatever it is now, if it has room. */
    readonly courierVersion: number | null;
    readonly state: 'offered' | 'accepted';
    readonly expiresAtMs: number;
    /** Null when it was not dispatch that chose. */
    readonly why: OfferWhy | null;
  };
  /**
   * The live offer moves on. All but `accepted` free the courier's slot. With a `newOffer` to somebody
   * else beside it, the order goes from one courier to the other.
   */
  readonly offerBecomes?: {
    readonly offerId: string;
    readonly state: 'accepted' | 'declined' | 'expired' | 'withdrawn' | 'delivered';
  };
  /** What whoever asked is told when this is committed: it was refused, and that was noted. */
  readonly refusal?: AppError;
}

/** An event, before it has its place in the order's log. */
export interface Happening {
  readonly type: OrderEventType;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface StockMove {
  readonly itemId: string;
  readonly delta: number;
}

/** Nothing to do: the outcome is already in the books. */
export const NO_CHANGE: Change = { events: [] };

/** Moves the order to `state`. @throws AppError `state_conflict` when it may not go there */
export function moveTo(order: Order, state: OrderState, rest: Change): Change {
  assertMayFollow(order.state, state);
  return { ...rest, state };
}

/** Two changes as one: fields of the later win, lists follow each other. */
export function both(first: Change, second: Change): Change {
  return {
    ...first,
    ...second,
    ...mergedPayment(first, second),
    events: [...first.events, ...second.events],
    ...joined('steps', first.steps, second.steps),
    ...joined('setTimers', first.setTimers, second.setTimers),
    ...joined('clearTimers', first.clearTimers, second.clearTimers),
    ...joined('stock', first.stock, second.stock),
    ...joined('authorizations', first.authorizations, second.authorizations),
  };
}

function mergedPayment(first: Change, second: Change): Pick<Change, 'payment'> {
  if (first.payment === undefined && second.payment === undefined) return {};
  return { payment: { ...first.payment, ...second.payment } };
}

function joined<Name extends string, Item>(
  name: Name,
  first: readonly Item[] | undefined,
  second: readonly Item[] | undefined,
): Partial<Record<Name, readonly Item[]>> {
  if (first === undefined && second === undefined) return {};
  const list = [...(first ?? []), ...(second ?? [])];
  return { [name]: list } as unknown as Record<Name, readonly Item[]>;
}
