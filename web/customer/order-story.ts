import type { OrderEventType, OrderState, OrderView } from '../../protocol/index.ts';

/** What an order's events mean to its customer. Pure. */

const STORY_STEPS = ['placed', 'accepted', 'ready', 'onTheWay', 'delivered'] as const;
export type StoryStep = (typeof STORY_STEPS)[number];

const EVENT_OF: Readonly<Record<StoryStep, OrderEventType>> = {
  placed: 'order.placed',
  accepted: 'order.confirmed',
  ready: 'order.ready',
  onTheWay: 'order.picked_up',
  delivered: 'order.delivered',
};

export interface ToldStep {
  readonly step: StoryStep;
  readonly when: 'past' | 'now' | 'later';
  /** Null: it has not happened. */
  readonly atMs: number | null;
}

/**
 * What has happened, what happens now, and what is to come. A step that was left out (food that was
 * picked up without having been called ready) is past when one after it is; of a cancelled order there
 * is only what happened.
 */
export function storyOf(order: Pick<OrderView, 'state' | 'timeline'>): readonly ToldStep[] {
  const times = STORY_STEPS.map(
    (step) => order.timeline.find(({ type }) => type === EVENT_OF[step])?.atMs ?? null,
  );
  const last = times.findLastIndex((atMs) => atMs !== null);
  const steps = STORY_STEPS.map((step, i) => {
    const when = i <= last ? 'past' : i === last + 1 ? 'now' : 'later';
    return { step, when, atMs: times[i] ?? null } as const;
  });
  return order.state === 'CANCELLED' ? steps.filter(({ atMs }) => atMs !== null) : steps;
}

/** What is written over everything else. */
export type Headline =
  | 'scheduled'
  | 'payment'
  | 'restaurant'
  | 'cooking'
  | 'searching'
  | 'ready'
  | 'onTheWay'
  | 'near'
  | 'delivered'
  | 'cancelled';

const HEADLINES: Readonly<Record<OrderState, Headline>> = {
  SCHEDULED: 'scheduled',
  PLACED: 'payment',
  PAID: 'restaurant',
  CONFIRMED: 'cooking',
  PREPARING: 'cooking',
  READY: 'ready',
  PICKED_UP: 'onTheWay',
  OUT_FOR_DELIVERY: 'onTheWay',
  DELIVERED: 'delivered',
  COMPLETED: 'delivered',
  CANCELLED: 'cancelled',
};

/** @param isNear the courier is nearly at the door */
export function headlineOf(
  { state, attention }: Pick<OrderView, 'state' | 'attention'>,
  isNear: boolean,
): Headline {
  const headline = HEADLINES[state];
  if (headline === 'onTheWay' && isNear) return 'near';
  const isCooked = headline === 'cooking' || headline === 'ready';
  return isCooked && attention === 'no_courier' ? 'searching' : headline;
}

const CANCELLABLE: ReadonlySet<OrderState> = new Set([
  'SCHEDULED',
  'PLACED',
  'PAID',
  'CONFIRMED',
  'PREPARING',
  'READY',
]);

/** Its courier has it. */
export function hasFood({ state }: Pick<OrderView, 'state'>): boolean {
  return state === 'PICKED_UP' || state === 'OUT_FOR_DELIVERY';
}

export function canBeCancelled({ state }: Pick<OrderView, 'state'>): boolean {
  return CANCELLABLE.has(state);
}

export function isOver({ state }: Pick<OrderView, 'state'>): boolean {
  return state === 'DELIVERED' || state === 'COMPLETED' || state === 'CANCELLED';
}

/** What a cancelled order has cost all the same; 0 for every other. */
export function feeOf({ timeline }: Pick<OrderView, 'timeline'>): number {
  const fee = timeline.find(({ type }) => type === 'order.cancelled')?.data['feeMinor'];
  return typeof fee === 'number' ? fee : 0;
}

/** An order after an event of it. A newer one stays. */
export function afterEvent(
  view: OrderView,
  event: {
    readonly event: OrderEventType;
    readonly sequence: number;
    readonly atMs: number;
    readonly data: Readonly<Record<string, unknown>>;
    readonly order: Omit<Partial<OrderView>, 'timeline'>;
  },
): OrderView {
  const newest = view.timeline.at(-1)?.sequence ?? 0;
  if (event.sequence <= newest) return view;
  const { sequence, atMs, data } = event;
  const entry = { sequence, type: event.event, atMs, data };
  return { ...view, ...event.order, timeline: [...view.timeline, entry] };
}
