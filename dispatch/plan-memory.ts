import { NOBODY, type Plan } from './plan/index.ts';

/** Where an order was meant to go, by names that outlive an epoch. */
export interface NamedIntention {
  readonly courierId: string;
  readonly rank: number;
  readonly head: number;
}

interface Pass {
  readonly intended: Map<string, NamedIntention>;
  readonly prices: Map<string, number>;
}

/**
 * What plans have left for those after them. A city with more orders than a round looks at is planned
 * page by page; what a page left is kept until that page comes again, and no longer.
 */
export class PlanMemory {
  #pass: Pass = emptyPass();
  #before: Pass = emptyPass();

  /** The first page begins again. */
  turn(): void {
    this.#before = this.#pass;
    this.#pass = emptyPass();
  }

  intention(orderId: string): NamedIntention | null {
    return this.#pass.intended.get(orderId) ?? this.#before.intended.get(orderId) ?? null;
  }

  /** 0 when there is none. */
  price(courierId: string): number {
    return this.#pass.prices.get(courierId) ?? this.#before.prices.get(courierId) ?? 0;
  }

  /** @param orders as they were numbered for the plan, and so the couriers */
  keep(
    orders: readonly { readonly orderId: string }[],
    couriers: readonly { readonly courierId: string }[],
    { intended, prices }: Plan,
  ): void {
    couriers.forEach(({ courierId }, i) => this.#pass.prices.set(courierId, prices[i] ?? 0));
    orders.forEach(({ orderId }, i) => {
      const courier = couriers[intended.courier[i] ?? NOBODY];
      if (courier === undefined) return;
      const rank = intended.rank[i] ?? 0;
      const head = intended.head[i] ?? 1;
      this.#pass.intended.set(orderId, { courierId: courier.courierId, rank, head });
    });
  }
}

function emptyPass(): Pass {
  return { intended: new Map(), prices: new Map() };
}
