import { type Actor, type OrderCommand, protocolErrors, type Role } from '../../protocol/index.ts';
import type { Order } from '../model/order.ts';
import * as courier from './courier-commands.ts';
import * as customer from './customer-commands.ts';
import type { Prices } from './customer-commands.ts';
import type { Decide } from './decision.ts';
import * as operator from './operator-commands.ts';
import * as restaurant from './restaurant-commands.ts';

/**
 * Every command from outside, in one place: who may give it, whose order it must be, and what it
 * does. That it is carried out once per key and kept with who gave it is the writer's business.
 */
interface CommandRule<Command> {
  readonly role: Role;
  readonly owns: (order: Order, actor: Actor, command: Command) => boolean;
  readonly decide: Decide<Command>;
}
type Rules = {
  readonly [Type in PricedCommand['type']]: CommandRule<Extract<PricedCommand, { type: Type }>>;
};

/** A command with what it needs to know beside the order. */
export type PricedCommand =
  | Exclude<OrderCommand, { type: 'modify_order' }>
  | (Extract<OrderCommand, { type: 'modify_order' }> & { readonly prices: Prices });

const ownOrder = (order: Order, actor: Actor): boolean => order.customerId === actor.subject;
const ownRestaurant = (order: Order, actor: Actor): boolean => order.restaurantId === actor.subject;
/** Also for offers that have ended: who was asked once hears 'gone' (409), everybody else 404. */
const ownOffer = (order: Order, actor: Actor): boolean =>
  order.askedCouriers.includes(actor.subject);
const ownDelivery = (order: Order, actor: Actor): boolean => order.courierId === actor.subject;
/** An operator acts on every order of its city, which the order was read by. */
const inCity = (): boolean => true;

const RULES: Rules = {
  modify_order: { role: 'customer', owns: ownOrder, decide: customer.modifyOrder },
  cancel_order: { role: 'customer', owns: ownOrder, decide: customer.cancelOrder },
  rate_order: { role: 'customer', owns: ownOrder, decide: customer.rateOrder },
  accept_order: { role: 'restaurant', owns: ownRestaurant, decide: restaurant.acceptOrder },
  reject_order: { role: 'restaurant', owns: ownRestaurant, decide: restaurant.rejectOrder },
  start_preparation: {
    role: 'restaurant',
    owns: ownRestaurant,
    decide: restaurant.startPreparation,
  },
  delay_order: { role: 'restaurant', owns: ownRestaurant, decide: restaurant.delayOrder },
  mark_ready: { role: 'restaurant', owns: ownRestaurant, decide: restaurant.markReady },
  accept_offer: { role: 'courier', owns: ownOffer, decide: courier.acceptOffer },
  decline_offer: { role: 'courier', owns: ownOffer, decide: courier.declineOffer },
  pick_up: { role: 'courier', owns: ownDelivery, decide: courier.pickUp },
  depart: { role: 'courier', owns: ownDelivery, decide: courier.depart },
  deliver: { role: 'courier', owns: ownDelivery, decide: courier.deliver },
  assign_courier: { role: 'operator', owns: inCity, decide: operator.assignCourier },
  unassign_courier: { role: 'operator', owns: inCity, decide: operator.unassignCourier },
  operator_cancel: { role: 'operator', owns: inCity, decide: operator.operatorCancel },
  confirm_delivery: { role: 'operator', owns: inCity, decide: operator.confirmDelivery },
  refund_order: { role: 'operator', owns: inCity, decide: operator.refundOrder },
};

/**
 * The decision behind a command, which checks the actor before anything else.
 * 'Not yours' gives the same `not_found` as 'not there': a stranger learns nothing.
 */
export function decisionOf(command: PricedCommand): Decide<PricedCommand> {
  // The table pairs each type with its own rule; the compiler cannot follow the pair through here.
  const rule = RULES[command.type] as unknown as CommandRule<PricedCommand>;
  return (order, given, context) => {
    const { actor } = context;
    const mayAct = actor !== null && actor.role === rule.role && rule.owns(order, actor, given);
    if (!mayAct) throw protocolErrors.make('not_found', { details: { orderId: order.orderId } });
    return rule.decide(order, given, context);
  };
}
