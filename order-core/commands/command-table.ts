import {
  type Actor,
  type OrderCommand,
  type OrderCommandType,
  protocolErrors,
  type Role,
} from '../../protocol/index.ts';
import type { Order } from '../model/order.ts';
import * as courier from './courier-commands.ts';
import type { Decide } from './decision.ts';
import * as restaurant from './restaurant-commands.ts';

/** A command from outside: who may give it, whose order it must be, and what it does. */
interface CommandRule<Command> {
  readonly role: Role;
  readonly owns: (order: Order, actor: Actor, command: Command) => boolean;
  readonly decide: Decide<Command>;
}

type Rules = {
  readonly [Type in OrderCommandType]: CommandRule<Extract<OrderCommand, { type: Type }>>;
};

const ownRestaurant = (order: Order, actor: Actor): boolean => order.restaurantId === actor.subject;

/** Also for offers that have ended: who was asked once hears 'gone' (409), everybody else 404. */
const ownOffer = (order: Order, actor: Actor): boolean =>
  order.askedCouriers.includes(actor.subject);

const ownDelivery = (order: Order, actor: Actor): boolean => order.courierId === actor.subject;

const RULES: Rules = {
  accept_order: { role: 'restaurant', owns: ownRestaurant, decide: restaurant.acceptOrder },
  reject_order: { role: 'restaurant', owns: ownRestaurant, decide: restaurant.rejectOrder },
  start_preparation: {
    role: 'restaurant',
    owns: ownRestaurant,
    decide: restaurant.startPreparation,
  },
  mark_ready: { role: 'restaurant', owns: ownRestaurant, decide: restaurant.markReady },
  accept_offer: { role: 'courier', owns: ownOffer, decide: courier.acceptOffer },
  decline_offer: { role: 'courier', owns: ownOffer, decide: courier.declineOffer },
  pick_up: { role: 'courier', owns: ownDelivery, decide: courier.pickUp },
  depart: { role: 'courier', owns: ownDelivery, decide: courier.depart },
  deliver: { role: 'courier', owns: ownDelivery, decide: courier.deliver },
};

/**
 * The decision behind a command, which checks the actor before anything else.
 * 'Not yours' gives the same `not_found` as 'not there': a stranger learns nothing.
 */
export function decisionOf(command: OrderCommand): Decide<OrderCommand> {
  // The table pairs each type with its own rule; the compiler cannot follow the pair through here.
  const rule = RULES[command.type] as unknown as CommandRule<OrderCommand>;
  return (order, given, context) => {
    const { actor } = context;
    const mayAct = actor !== null && actor.role === rule.role && rule.owns(order, actor, given);
    if (!mayAct) throw protocolErrors.make('not_found', { details: { orderId: order.orderId } });
    return rule.decide(order, given, context);
  };
}
