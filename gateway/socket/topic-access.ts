import type { TimeScale } from '../../runtime/index.ts';
import type { Actor, OrderSummary, OrderView, UnsubscribeReason } from '../../protocol/index.ts';

/**
 * Who may go on listening to an order's topic when the facts change. Whether somebody may begin is
 * asked of the order core.
 */

/** City seconds for which an order is told of after its end: a rating, a refund, the receipt. */
const ENDED_GRACE_SECONDS = 30 * 60;

const ENDS: ReadonlySet<string> = new Set(['order.delivered', 'order.cancelled']);

/** When the order was delivered or cancelled, ms since the Unix epoch; null: it is under way. */
export function endedAtMs({ timeline }: OrderView): number | null {
  return timeline.find(({ type }) => isEnd(type))?.atMs ?? null;
}

export function isEnd(eventType: string): boolean {
  return ENDS.has(eventType);
}

/** Those who look after orders may look at old ones too. */
export function mayWatchEnded({ role }: Actor): boolean {
  return role === 'operator' || role === 'service';
}

/** Null: may go on listening to this order's topic. */
export function exclusionOf(actor: Actor, order: OrderSummary): UnsubscribeReason | null {
  if (actor.role === 'courier' && order.courierId !== actor.subject) return 'not_yours';
  return null;
}

/** @param endedAtMs null: it is under way */
export function hasLongEnded(
  endedAtMs: number | null,
  nowMs: number,
  timeScale: TimeScale,
): boolean {
  return endedAtMs !== null && nowMs - endedAtMs > timeScale.wallMs(ENDED_GRACE_SECONDS);
}
