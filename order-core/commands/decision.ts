import type { Actor } from '../../protocol/index.ts';
import type { TimeScale } from '../../runtime/index.ts';
import type { Change } from '../model/change.ts';
import type { Order } from '../model/order.ts';

/** Patience of the business, in city seconds; `timeScale` turns it into clock time. */
export interface Patience {
  readonly timeScale: TimeScale;
  readonly restaurantAnswerSeconds: number;
  readonly offerSeconds: number;
  readonly courierSearchSeconds: number;
  /** From the end of the search to the cancellation: the order is on the operators' list. */
  readonly manualQueueSeconds: number;
  readonly courierSilenceSeconds: number;
  readonly paymentDeadlineSeconds: number;
}

/**
 * A decision about one order: pure, from what was read to what shall change. It may be asked again
 * with a newer order when somebody else was faster, so it must not keep anything.
 * Throws AppErrors (`state_conflict`, `not_found`, ...) when the command cannot be done.
 */
export type Decide<Command> = (
  order: Order,
  command: Command,
  context: { readonly patience: Patience; readonly actor: Actor | null },
) => Change;

/** An order is completed 24 hours after its delivery when nobody rates it before. */
export const COMPLETE_AFTER_SECONDS = 24 * 3600;

/**
 * An order that a courier has had for so long is reported as overdue, and again after each such
 * time: nothing is taken from the courier, but a person should look.
 */
export const DELIVERY_OVERDUE_SECONDS = 90 * 60;

/** Cards hold money for seven days; it is asked for anew a day before. */
export const AUTHORIZATION_VALID_SECONDS = 6 * 24 * 3600;
/** Between two tries, while the provider is away. */
export const RENEWAL_RETRY_SECONDS = 3600;

/** A scheduled order goes to the restaurant so long before it is wanted at the door. */
export const ACTIVATION_LEAD_SECONDS = 45 * 60;
/** How far ahead an order may be scheduled; nearer is simply an order for now. */
export const SCHEDULE_SECONDS = { min: 60 * 60, max: 14 * 24 * 3600 };

/** Wrong codes at the door before only an operator can confirm the delivery. */
export const CODE_ATTEMPTS_MAX = 5;
