import {
  protocolErrors,
  type Actor,
  type Topic,
  type TopicPosition,
} from '../../protocol/index.ts';
import { unreachable } from '../../runtime/index.ts';
import type { ConversationDeps } from './conversation.ts';
import { worksUntilMs } from './fix-stream.ts';
import type { Snapshot, Subscription } from './subscription.ts';
import { endedAtMs, hasLongEnded, mayWatchEnded } from './topic-access.ts';
import type { TopicMemory } from './topic-memory.ts';
import type { TopicListener } from './topics.ts';

/** Somebody's beginning to listen, after its subscription was made and is told of events. */
interface Beginning {
  readonly topic: Topic;
  /** Where the listener was when it lost its connection. */
  readonly since: TopicPosition | null;
  readonly memory: TopicMemory;
  readonly subscription: Subscription;
}

/** Its name on the wire. */
export function nameOf({ kind, id }: Topic): string {
  return `${kind}:${id}`;
}

/**
 * Tells a topic from its beginning, or from where the listener was: first that, then what holds now.
 * The database is asked in any case, for whether the actor may listen is its to say.
 * @throws AppError `not_found`, also for what is somebody else's, and for an order that ended long ago
 */
export async function beginTopic(
  deps: ConversationDeps,
  { actor, outlet }: Pick<TopicListener, 'actor' | 'outlet'>,
  beginning: Beginning,
): Promise<void> {
  const { topic, since, memory, subscription } = beginning;
  const snapshot = await readSnapshot(deps, beginning, actor);
  const missed = since === null ? null : memory.missedSince(since, actor.role);
  if (missed === null) subscription.begin(snapshot, memory);
  else {
    const { topic: name, onDuty } = snapshot;
    const more = { missed: missed.length, ...(onDuty === undefined ? {} : { onDuty }) };
    const { epoch } = memory;
    subscription.resume({ type: 'recovered', topic: name, epoch, ...more }, missed);
  }
  const { tracking } = deps;
  if (topic.kind === 'order') tracking.showTo(outlet, topic.id);
  tracking.showWays(
    outlet,
    snapshot.orders.map(({ orderId }) => orderId),
  );
}

/**
 * What a topic looks like now, for this actor. Of a courier who asks, vehicle and shift are noted.
 * @throws AppError `not_found`, also for what is somebody else's
 */
async function readSnapshot(
  { orders, tracking, clock, timeScale }: ConversationDeps,
  { topic, memory }: Beginning,
  actor: Actor,
): Promise<Snapshot> {
  const name = nameOf(topic);
  switch (topic.kind) {
    case 'order': {
      const view = await orders.viewOrder(topic.id, actor);
      memory.endedAtMs ??= endedAtMs(view);
      const isOver = hasLongEnded(memory.endedAtMs, clock.nowMs(), timeScale);
      if (isOver && !mayWatchEnded(actor)) throw protocolErrors.make('not_found');
      return { type: 'snapshot', topic: name, orders: [view], offers: [] };
    }
    case 'restaurant':
      return {
        type: 'snapshot',
        topic: name,
        offers: [],
        orders: await orders.restaurantOrders(actor),
      };
    case 'courier': {
      const work = await orders.courierWork(actor);
      const { vehicle, onDuty, shiftEndsAtMs, offers } = work;
      tracking.courierDrives(actor, vehicle);
      tracking.courierWorks(actor, worksUntilMs(onDuty, shiftEndsAtMs));
      return { type: 'snapshot', topic: name, orders: work.orders, offers, onDuty };
    }
    default:
      return unreachable(topic.kind);
  }
}
