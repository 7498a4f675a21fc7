import type { HexfleetApi } from '../../clients/ts/index.ts';
import type { OrderView } from '../../protocol/index.ts';
import { sleep, systemClock } from '../../runtime/index.ts';
import { checkInvariants } from '../engine-process/index.ts';
import { inLanes } from './city.ts';
import type { Acknowledged } from './customers.ts';
import { Progress } from '../progress.ts';
import type { Stage } from './stage.ts';

/** Longer than the longest pause between two tries of a saga step, and than every deadline. */
const SETTLE_MS_MAX = 120_000;
const PAUSE_MS = 1_000;
const LANES = 8;

const DELIVERED: readonly string[] = ['DELIVERED', 'COMPLETED'];

/** What became of the orders that customers know of. */
export interface Outcome {
  readonly views: ReadonlyMap<string, OrderView>;
  /** Ids that the engine does not know, although it had said yes. */
  readonly lost: readonly string[];
  /** Orders that came to no end in time, and wait for nobody. */
  readonly unsettled: readonly OrderView[];
  readonly invariants: Readonly<Record<string, number>>;
}

/** Waits until every order has its end and every invariant holds, but no longer than it may take. */
export async function settle(
  acknowledged: readonly Acknowledged[],
  deps: { readonly stage: Stage; readonly api: HexfleetApi; readonly signal: AbortSignal },
): Promise<Outcome> {
  const { stage, api, signal } = deps;
  const views = new Map<string, OrderView>();
  const lost = new Set<string>();
  const progress = new Progress(acknowledged.length, 'orders settled');
  const deadlineMs = systemClock.monotonicMs() + SETTLE_MS_MAX;
  let invariants: Readonly<Record<string, number>> = {};
  let open = acknowledged.map(({ orderId }) => orderId);
  try {
    for (;;) {
      await inLanes(open, LANES, async (orderId) => {
        if (!signal.aborted) await look(orderId, { api, views, lost });
      });
      open = open.filter((orderId) => !lost.has(orderId) && !isSettled(views.get(orderId)));
      progress.update(acknowledged.length - open.length, `${open.length} open`);
      const late = systemClock.monotonicMs() > deadlineMs || signal.aborted;
      if (open.length === 0 || late) {
        invariants = await checkInvariants(await stage.facts());
        if (late || Object.values(invariants).every((violations) => violations === 0)) break;
      }
      await sleep(PAUSE_MS, signal);
    }
  } finally {
    progress.stop();
  }
  const left = open.map((orderId) => views.get(orderId)).filter((view) => view !== undefined);
  const unsettled = left.filter((view) => !waitsForPerson(view));
  return { views, lost: [...lost], unsettled, invariants };
}

export function isDelivered({ state }: OrderView): boolean {
  return DELIVERED.includes(state);
}

/** The engine says itself that somebody has to look. */
export function waitsForPerson(view: OrderView): boolean {
  const { attention = null } = view as { readonly attention?: string | null };
  const overdue = view.timeline.some(({ type }) => type === 'order.delivery_overdue');
  return attention !== null || (overdue && !isSettled(view));
}

/** The order has its end, and its money too. */
function isSettled(view: OrderView | undefined): boolean {
  if (view === undefined) return false;
  if (isDelivered(view)) return view.payment.state === 'captured';
  return view.state === 'CANCELLED' && ['voided', 'refused'].includes(view.payment.state);
}

async function look(
  orderId: string,
  into: { api: HexfleetApi; views: Map<string, OrderView>; lost: Set<string> },
): Promise<void> {
  try {
    into.views.set(orderId, await into.api.order(orderId));
  } catch (error) {
    // Anything but "there is no such order" is asked again in the next round.
    if (error instanceof Error && error.message.startsWith('not_found')) into.lost.add(orderId);
  }
}
