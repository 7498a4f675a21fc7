import type {
  CancelReason,
  NotificationKind,
  OrderEventType,
  OrderState,
  PersonalChannel,
  Role,
} from '../../protocol/index.ts';

/** The consumer of events that makes notifications of them. */
export const NOTIFICATIONS = 'notifications';

/** In the order in which they are sent when many wait; its place is the rank in the database. */
export const PRIORITIES = ['critical', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

export interface KindRule {
  /** What makes it be told. */
  readonly event: OrderEventType;
  readonly to: readonly Exclude<Role, 'operator'>[];
  /** Low ones wait for the end of quiet hours, and go together. */
  readonly priority: Priority;
  /** City seconds after the event. */
  readonly afterSeconds?: number;
  /** Not when an order was cancelled for one of these. */
  readonly unlessReason?: readonly CancelReason[];
  /** From these states on a person no longer wants to hear of it. A program is told all the same. */
  readonly overtakenIn?: readonly OrderState[];
}

const OVER: readonly OrderState[] = ['DELIVERED', 'COMPLETED', 'CANCELLED'];
const CARRIED: readonly OrderState[] = ['PICKED_UP', 'OUT_FOR_DELIVERY', ...OVER];

/** Everything that is told, why, to whom, and how much of a hurry it is in. */
export const KINDS: Readonly<Record<NotificationKind, KindRule>> = {
  order_received: { event: 'order.paid', to: ['restaurant', 'service'], priority: 'normal' },
  order_confirmed: {
    event: 'order.confirmed',
    to: ['customer', 'service'],
    priority: 'normal',
    overtakenIn: CARRIED,
  },
  order_delayed: {
    event: 'order.delayed',
    to: ['customer', 'service'],
    priority: 'normal',
    overtakenIn: CARRIED,
  },
  order_assigned: {
    event: 'order.assigned',
    to: ['courier', 'service'],
    priority: 'normal',
    overtakenIn: CARRIED,
  },
  delivery_code: {
    event: 'order.picked_up',
    to: ['customer'],
    priority: 'critical',
    overtakenIn: OVER,
  },
  order_on_its_way: {
    event: 'order.out_for_delivery',
    to: ['customer', 'service'],
    priority: 'normal',
    overtakenIn: OVER,
  },
  order_delivered: {
    event: 'order.delivered',
    to: ['customer', 'restaurant', 'service'],
    priority: 'normal',
  },
  order_cancelled: {
    event: 'order.cancelled',
    to: ['customer', 'service'],
    priority: 'critical',
  },
  order_withdrawn: {
    event: 'order.cancelled',
    to: ['restaurant', 'courier'],
    priority: 'critical',
    // It never heard of these, or did it itself.
    unlessReason: ['payment_refused', 'payment_unavailable', 'restaurant_rejected'],
  },
  payment_refunded: {
    event: 'order.payment_refunded',
    to: ['customer', 'service'],
    priority: 'normal',
  },
  order_rated: { event: 'order.rated', to: ['restaurant', 'service'], priority: 'low' },
  rating_reminder: {
    event: 'order.delivered',
    to: ['customer'],
    priority: 'low',
    afterSeconds: 3_600,
    // With a rating, or the next day, an order is complete.
    overtakenIn: ['COMPLETED'],
  },
};

export const RULES = Object.entries(KINDS) as readonly [NotificationKind, KindRule][];

/** Events of which somebody may be told. */
export const TOLD_EVENTS: readonly OrderEventType[] = [
  ...new Set(RULES.map(([, { event }]) => event)),
];

/** The ways of a kind to somebody who did not choose, as far as there is an address. */
export const DEFAULT_CHANNELS: Readonly<Record<Priority, readonly PersonalChannel[]>> = {
  critical: ['push', 'sms', 'email'],
  normal: ['push', 'email'],
  low: ['email'],
};
