import {
  protocolErrors,
  type Actor,
  type ClientMessage,
  type OrderCommand,
  type OrderSummary,
} from '../../protocol/index.ts';
import type { AppError, Clock, Config, Logger, TimeScale } from '../../runtime/index.ts';
import { gatewayErrors } from '../errors.ts';
import type { InFlight } from '../in-flight.ts';
import type { GatewayInstruments } from '../instruments.ts';
import type { Overload } from '../overload/overload.ts';
import type { LiveMap } from '../live-map/live-map.ts';
import type { OrderDesk } from '../ports.ts';
import type { TokenVerifier } from '../tokens.ts';
import type { Tracking } from '../tracking.ts';
import type { FixIntake } from './fix-intake.ts';
import { worksUntilMs, type FixStream } from './fix-stream.ts';
import type { Topics } from './topics.ts';

/** What the sessions of one gateway share. */
export interface ConversationDeps {
  readonly config: Config;
  readonly overload: Overload;
  readonly orders: OrderDesk;
  readonly topics: Topics;
  readonly tokens: TokenVerifier;
  readonly tracking: Tracking;
  readonly fixes: FixIntake;
  readonly liveMap: LiveMap;
  readonly inFlight: InFlight;
  readonly instruments: GatewayInstruments;
  /** Set while the engine stops: no command is begun, fixes are still taken. */
  refusesWork(): AppError | null;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
  readonly log: Logger;
}

/** A command that a client sent, other than those about what it listens to. */
type Command = Exclude<
  ClientMessage,
  { type: 'subscribe' | 'unsubscribe' | 'watch_area' | 'ping' | 'refresh' }
>;

/**
 * Does what a command says.
 * @returns the order after it, when it is about one
 * @throws AppError of the port, or `fix_dropped`
 */
export async function carryOut(
  { orders, fixes, tracking }: ConversationDeps,
  message: Command,
  from: { readonly actor: Actor; readonly fixes: FixStream | null },
): Promise<OrderSummary | null> {
  if (message.type === 'set_duty') {
    const { onDuty, untilMs } = message;
    tracking.courierSays(from.actor, worksUntilMs(onDuty, untilMs));
    await orders.setDuty(from.actor, { onDuty, untilMs });
    return null;
  }
  if (message.type === 'fix') {
    if (from.fixes === null) throw protocolErrors.make('forbidden');
    const reason = fixes.single(from.fixes, message.fix);
    if (reason !== null) throw gatewayErrors.make('fix_dropped', { details: { reason } });
    return null;
  }
  const { requestId: causation, ...command } = message;
  if (
    command.type === 'set_item' ||
    command.type === 'pause_orders' ||
    command.type === 'resume_orders'
  ) {
    await orders.executeShop(command, from.actor);
    return null;
  }
  return await orders.execute(inOneSpelling(command), from.actor, { causation });
}

/** Ids are compared as text further in: here ends whatever a client writes in capitals. */
function inOneSpelling(command: OrderCommand): OrderCommand {
  const orderId = command.orderId.toLowerCase();
  if (!('offerId' in command)) return { ...command, orderId };
  return { ...command, orderId, offerId: command.offerId.toLowerCase() };
}
