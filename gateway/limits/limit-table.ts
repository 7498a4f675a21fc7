import type { Role } from '../../protocol/index.ts';
import type { Config } from '../../runtime/index.ts';
import type { RouteName } from '../authorization.ts';
import type { Limit } from './rate-limiter.ts';

/** What limits of requests go by. Staff are operators and service accounts. */
export type Tier = 'anonymous' | 'standard' | 'premium' | 'staff';

/** Requests that are counted together. */
export type RequestGroup = 'search' | 'orders' | 'requests';

/** Everything else is of the group `requests`. */
const GROUPS: Partial<Record<RouteName, RequestGroup>> = {
  'GET /v1/restaurants': 'search',
  'GET /v1/restaurants/:restaurantId': 'search',
  'POST /v1/orders': 'orders',
};

const MINUTE = 60;
const HOUR = 3_600;

/** The limits of requests, as they are configured. */
export interface LimitTable {
  /** All requests to this engine. */
  readonly everybody: Limit;
  /** All requests from one address. */
  readonly address: Limit;
  /** Sockets that an address may open. */
  readonly openings: Limit;
  /** Sockets that a client may open. */
  readonly clientOpenings: Limit;
  /** Orders that a restaurant may get. */
  readonly restaurantOrders: Limit;
  requests(group: RequestGroup, tier: Tier): Limit;
  /** Orders that a customer may place. */
  customerOrders(tier: Tier): Limit;
}

/** A client's sockets come back quickly only after a loss; an address may hide an office of clients. */
const CLIENT_OPENINGS_PER_SOCKET = 6;

export function limitTable(config: Config): LimitTable {
  const staff = config.STAFF_REQUESTS_PER_MINUTE;
  const perMinute: Readonly<Record<RequestGroup, Readonly<Record<Tier, number>>>> = {
    search: byTier(config.SEARCHES_PER_MINUTE, staff),
    orders: byTier(config.ORDERS_PER_MINUTE, staff),
    requests: byTier(config.REQUESTS_PER_MINUTE, staff),
  };
  const [standardHour = 0, premiumHour = 0] = numbers(config.ORDERS_PER_HOUR);
  const perHour = { anonymous: 0, standard: standardHour, premium: premiumHour, staff: 0 };
  const limit = (name: string, quota: number, windowSeconds: number): Limit => ({
    name,
    quota,
    windowSeconds,
  });
  return {
    everybody: limit('everybody', config.ALL_REQUESTS_PER_SECOND, 1),
    address: limit('address', config.ADDRESS_REQUESTS_PER_MINUTE, MINUTE),
    openings: limit('sockets-address', config.SOCKETS_PER_ADDRESS, MINUTE),
    clientOpenings: limit(
      'sockets-client',
      CLIENT_OPENINGS_PER_SOCKET * config.SOCKETS_PER_CLIENT,
      MINUTE,
    ),
    restaurantOrders: limit('restaurant-hour', config.RESTAURANT_ORDERS_PER_HOUR, HOUR),
    requests: (group, tier) => limit(group, perMinute[group][tier], MINUTE),
    customerOrders: (tier) => limit('orders-hour', perHour[tier], HOUR),
  };
}

export function groupOf(route: RouteName | null): RequestGroup {
  return (route === null ? undefined : GROUPS[route]) ?? 'requests';
}

/** @param claim the tier that the token names */
export function tierOf(role: Role, claim: 'standard' | 'premium'): Tier {
  return role === 'operator' || role === 'service' ? 'staff' : claim;
}

/** @param text ANONYMOUS/STANDARD/PREMIUM, as the configuration has checked */
function byTier(text: string, staff: number): Readonly<Record<Tier, number>> {
  const [anonymous = 0, standard = 0, premium = 0] = numbers(text);
  return { anonymous, standard, premium, staff };
}

function numbers(text: string): readonly number[] {
  return text.split('/').map(Number);
}
