import { protocolErrors, type Actor, type OrderView, type Role } from '../../protocol/index.ts';
import { dropOldest, type Clock } from '../../runtime/index.ts';
import { maySee } from './read-orders.ts';

/**
 * A commit whose answer was lost with its connection may come to be after we gave it up; then this long
 * somebody may be shown the order as it was. Everything else is forgotten when it changes.
 */
const KEPT_MS = 5_000;
/** 4 KB or so each, for each role that asks. */
const ORDERS_MAX = 10_000;

type ReadView = (which: {
  readonly cityId: string;
  readonly orderId: string;
  readonly role: Role;
}) => Promise<OrderView | null>;

interface Kept {
  readonly untilMs: number;
  readonly byRole: Map<Role, Promise<OrderView | null>>;
}

/**
 * Orders as they are shown, kept while they do not change: who waits for an order asks again and again.
 * Whoever was told of a change reads nothing older. For one engine on one database, which changes
 * orders by `OrderWriter` only.
 */
export class OrderViews {
  readonly #readView: ReadView;
  readonly #clock: Clock;
  /** By city and order; oldest first. */
  readonly #kept = new Map<string, Kept>();

  /** @param read the order as the database has it for this role; null when it is not there */
  constructor(read: ReadView, clock: Clock) {
    this.#readView = read;
    this.#clock = clock;
  }

  /**
   * The order with its timeline, as far as the actor may see it. Not to be changed: others get the same.
   * @throws AppError `not_found`, also for an order that is somebody else's
   */
  async view(orderId: string, actor: Actor): Promise<OrderView> {
    const view = await this.#read(orderId, actor);
    if (view === null || !maySee(view, actor)) {
      throw protocolErrors.make('not_found', { details: { orderId } });
    }
    return view;
  }

  /** To be called after every try to change it, and before anybody is told that it has changed. */
  forget(cityId: string, orderId: string): void {
    this.#kept.delete(keyOf(cityId, orderId));
  }

  #read(orderId: string, { cityId, role }: Actor): Promise<OrderView | null> {
    const key = keyOf(cityId, orderId);
    const kept = this.#live(key);
    const known = kept.byRole.get(role);
    if (known !== undefined) return known;
    // Kept before it is read: what changes meanwhile forgets it with the answer that is under way.
    const reading = this.#readView({ cityId, orderId, role });
    kept.byRole.set(role, reading);
    const drop = (): void => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
    };
    reading.then((view) => view ?? drop(), drop);
    return reading;
  }

  #live(key: string): Kept {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#kept.get(key);
    if (known !== undefined && known.untilMs > nowMs) return known;
    const kept: Kept = { untilMs: nowMs + KEPT_MS, byRole: new Map() };
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    dropOldest(this.#kept, ORDERS_MAX);
    return kept;
  }
}

function keyOf(cityId: string, orderId: string): string {
  return `${cityId}/${orderId}`;
}
