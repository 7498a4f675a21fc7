import { HexfleetApi } from '../../clients/ts/index.ts';
import type { Place, Role } from '../../protocol/index.ts';
import { newId, systemClock } from '../../runtime/index.ts';
import type { EngineProcess } from '../engine-process/index.ts';
import { signToken } from '../world/tokens.ts';

/** The honest client's own: what is done to another city must not be felt there. */
const HONEST_CITY = 'honest';
const FUZZED_CITY = 'fuzzed';
const ORDERS = 8;

const CORNERS: readonly Place[] = [
  { lat: 52, lng: 13 },
  { lat: 53, lng: 13 },
  { lat: 53, lng: 14 },
  { lat: 52, lng: 14 },
];
export const RESTAURANT: Place = { lat: 52.52, lng: 13.4 };

export const CITY_TERMS = {
  name: 'City',
  currency: 'eur',
  deliveryZone: [{ outer: CORNERS, holes: [] }],
  deliveryFeeMinor: 250,
  taxRate: 0.07,
  courierSpeedMps: 5,
  detourFactor: 1.3,
};
export const RESTAURANT_TERMS = {
  name: 'Soup House',
  place: RESTAURANT,
  open: true,
  menu: [{ itemId: 'soup', name: 'Soup', priceMinor: 450, available: true }],
};
export const COURIER_TERMS = { name: 'Kim', vehicle: 'bicycle', capacity: 3 } as const;
export const ORDER = {
  restaurantId: 'soup-house',
  items: [{ itemId: 'soup', quantity: 2 }],
  dropoff: { place: { lat: 52.53, lng: 13.41 }, address: 'Elm Street 1' },
  paymentToken: 'pm_card_visa',
};

/** Who speaks: one of each role, in the city that is fuzzed. */
export const ROLES = [
  'customer',
  'restaurant',
  'courier',
  'operator',
  'service',
] as const satisfies readonly Role[];

const SUBJECTS: Readonly<Record<Role, string>> = {
  customer: 'anna',
  restaurant: 'soup-house',
  courier: 'near',
  operator: 'olga',
  service: 'setup',
};

/** The first is the one that messages name. */
function courierOf(lane: number): string {
  return lane === 0 ? SUBJECTS.courier : `${SUBJECTS.courier}-${lane}`;
}

/** An engine with two cities, and what is known of them. */
export interface Stage {
  /** http://host:port */
  readonly url: string;
  /** When it was set; what is fuzzed has times near to it. */
  readonly beganMs: number;
  /** Of those who fuzz. */
  readonly tokens: Readonly<Record<Role, string>>;
  /** By lane. */
  readonly couriers: readonly string[];
  /** Orders of theirs. */
  readonly orderIds: readonly string[];
  /** A customer of another city, and an order of that one. */
  readonly honest: { readonly token: string; readonly orderId: string };
}

/** @param lanes who fuzz at the same time: each is a courier of its own, for the newest socket of one stays */
export async function setStage(engine: EngineProcess, lanes: number): Promise<Stage> {
  const { url } = engine.facts;
  const jwtSecret = await engine.jwtSecret();
  const tokenOf = (cityId: string, role: Role, subject: string) =>
    signToken({ jwtSecret, cityId }, role, subject);
  const setup = new HexfleetApi({ url, token: await tokenOf(FUZZED_CITY, 'service', 'setup') });
  const placed: Record<string, string[]> = {};
  for (const cityId of [FUZZED_CITY, HONEST_CITY]) {
    await setup.putCity(cityId, {
      ...CITY_TERMS,
      deliveryZone: [{ outer: [...CORNERS], holes: [] }],
      dispatch: { strategy: 'nearest' },
    });
    await setup.putRestaurant(cityId, SUBJECTS.restaurant, RESTAURANT_TERMS);
    for (let lane = 0; lane < lanes; lane++) {
      await setup.putCourier(cityId, courierOf(lane), COURIER_TERMS);
    }
    const token = await tokenOf(cityId, 'customer', SUBJECTS.customer);
    const customer = new HexfleetApi({ url, token });
    const count = cityId === HONEST_CITY ? 1 : ORDERS;
    const orders = Array.from({ length: count }, () => customer.placeOrder(ORDER, newId<string>()));
    placed[cityId] = (await Promise.all(orders)).map(({ orderId }) => orderId);
  }
  const tokens: Record<string, string> = {};
  for (const role of ROLES) tokens[role] = await tokenOf(FUZZED_CITY, role, SUBJECTS[role]);
  const ofCouriers = Array.from({ length: lanes }, (_, lane) =>
    tokenOf(FUZZED_CITY, 'courier', courierOf(lane)),
  );
  return {
    url,
    beganMs: systemClock.nowMs(),
    tokens: tokens as Record<Role, string>,
    couriers: await Promise.all(ofCouriers),
    orderIds: placed[FUZZED_CITY] ?? [],
    honest: {
      token: await tokenOf(HONEST_CITY, 'customer', SUBJECTS.customer),
      orderId: placed[HONEST_CITY]?.[0] ?? '',
    },
  };
}
