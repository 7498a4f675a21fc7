import type { Actor } from '../../protocol/index.ts';
import type { Identity } from '../tokens.ts';
import type { Limit, RateLimiter } from './rate-limiter.ts';
import { tierOf, type LimitTable, type RequestGroup } from './limit-table.ts';
import { Tab, type Refusals } from './tab.ts';

/** As much of an identity as its limits go by. */
type Client = Pick<Identity, 'actor' | 'tier'>;

/** How many requests of which kind are taken from whom. */
export class RequestLimits {
  readonly #table: LimitTable;
  readonly #limiter: RateLimiter;
  readonly #refusals: Refusals;
  readonly #enabled: boolean;

  /** @param deps.enabled false: everything is taken, and nobody is told of limits */
  constructor(deps: {
    readonly table: LimitTable;
    readonly limiter: RateLimiter;
    readonly refusals: Refusals;
    readonly enabled: boolean;
  }) {
    this.#table = deps.table;
    this.#limiter = deps.limiter;
    this.#refusals = deps.refusals;
    this.#enabled = deps.enabled;
  }

  /** For one request. */
  newTab(): Tab {
    return new Tab(this.#limiter, this.#refusals);
  }

  /** Before anything is known of who asks. @throws AppError `rate_limited` */
  async anybody(tab: Tab, address: string): Promise<void> {
    if (!this.#enabled) return;
    await tab.chargeShared(this.#table.everybody, '');
    await tab.chargeShared(this.#table.address, address);
  }

  /**
   * Who has no valid token. Only those are counted by their address alone: behind one address there
   * may be many clients, and one that guesses tokens must not lock the others out.
   * @throws AppError `rate_limited`
   */
  async stranger(tab: Tab, address: string, group: RequestGroup): Promise<void> {
    if (!this.#enabled) return;
    const limit = this.#table.requests(group, 'anonymous');
    await tab.charge({ ...limit, name: `anonymous-${group}` }, address);
  }

  /** @throws AppError `rate_limited` */
  async client(tab: Tab, { actor, tier }: Client, group: RequestGroup): Promise<void> {
    if (!this.#enabled) return;
    await tab.charge(this.#table.requests(group, tierOf(actor.role, tier)), clientKey(actor));
  }

  /**
   * A customer orders at a restaurant. One that was not placed does not count: `notPlaced`.
   * @throws AppError `rate_limited`
   */
  async order(tab: Tab, { actor, tier }: Client, restaurantId: string): Promise<void> {
    if (!this.#enabled) return;
    const [customer, restaurant] = this.#orderLimits({ actor, tier });
    // First the customer's own: what is refused there must not cost the restaurant an order.
    await tab.charge(customer, clientKey(actor));
    try {
      await tab.chargeShared(restaurant, `${actor.cityId}/${restaurantId}`);
    } catch (error) {
      await tab.giveBack([customer]);
      throw error;
    }
  }

  async notPlaced(tab: Tab, client: Client): Promise<void> {
    if (this.#enabled) await tab.giveBack(this.#orderLimits(client));
  }

  #orderLimits({ actor, tier }: Client): readonly [customer: Limit, restaurant: Limit] {
    const customer = this.#table.customerOrders(tierOf(actor.role, tier));
    return [customer, this.#table.restaurantOrders];
  }
}

export function clientKey({ cityId, role, subject }: Actor): string {
  return `${cityId}/${role}/${subject}`;
}
