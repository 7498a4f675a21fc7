import {
  type CityInput,
  type CityView,
  type CourierInput,
  type DemoPeople,
  type DispatchInput,
  dispatchSettings,
  type MenuItem,
  protocolErrors,
  type RestaurantInput,
  type RestaurantView,
} from '../../protocol/index.ts';
import type { Database } from '../database/pool.ts';
import { isViolation } from '../database/sqlstate.ts';
import type { CityBoard, CitySettings } from '../ports.ts';

/** Half within five minutes of the restaurant's acceptance, then nothing. */
const CANCELLATION_DEFAULT = { withinSeconds: 300, refundWithin: 0.5, refundAfter: 0 };

const PUT_CITY = {
  name: 'put_city',
  text: `
    INSERT INTO cities (city_id, name, currency, delivery_zone, delivery_fee_minor, tax_rate,
      courier_speed_mps, detour_factor, cancellation, delivery_code, dispatch)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (city_id) DO UPDATE SET name = excluded.name, currency = excluded.currency,
      delivery_zone = excluded.delivery_zone, delivery_fee_minor = excluded.delivery_fee_minor,
      tax_rate = excluded.tax_rate, courier_speed_mps = excluded.courier_speed_mps,
      detour_factor = excluded.detour_factor, cancellation = excluded.cancellation,
      delivery_code = excluded.delivery_code, dispatch = excluded.dispatch`,
};

const CITY = {
  name: 'city',
  text: `
    SELECT city_id, name, currency, delivery_zone, delivery_fee_minor::float8, tax_rate::float8,
      courier_speed_mps::float8, detour_factor::float8, cancellation, delivery_code, dispatch
    FROM cities WHERE city_id = $1`,
};

/** Enough to try things out with. */
const SAMPLE_CITIES_MAX = 10;
const SAMPLE_PEOPLE_MAX = 100;

const SAMPLE_PEOPLE = {
  name: 'sample_people',
  text: `
    SELECT c.city_id, c.name,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.restaurant_id, 'name', p.name)), '[]')
        FROM (SELECT * FROM restaurants r WHERE r.city_id = c.city_id
          ORDER BY r.restaurant_id LIMIT ${SAMPLE_PEOPLE_MAX}) p) AS restaurants,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.courier_id, 'name', p.name)), '[]')
        FROM (SELECT * FROM couriers k WHERE k.city_id = c.city_id
          ORDER BY k.courier_id LIMIT ${SAMPLE_PEOPLE_MAX}) p) AS couriers
    FROM cities c ORDER BY c.city_id LIMIT ${SAMPLE_CITIES_MAX}`,
};

const CITIES = {
  name: 'cities',
  text: `SELECT city_id, delivery_zone, courier_speed_mps, detour_factor, dispatch FROM cities`,
};

/** The menu is replaced whole: what the new one does not name is gone. */
const PUT_RESTAURANT = {
  name: 'put_restaurant',
  text: `
    WITH restaurant AS (
      INSERT INTO restaurants (city_id, restaurant_id, name, lat, lng, open)
      VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (city_id, restaurant_id) DO UPDATE SET name = excluded.name,
        lat = excluded.lat, lng = excluded.lng, open = excluded.open
      RETURNING city_id, restaurant_id
    ), dropped AS (
      DELETE FROM menu_items WHERE city_id = $1 AND restaurant_id = $2
        AND NOT item_id IN (SELECT value->>'itemId' FROM jsonb_array_elements($7::jsonb))
    )
    INSERT INTO menu_items (city_id, restaurant_id, item_id, position, name, price_minor, available,
      stock)
    SELECT r.city_id, r.restaurant_id, i.value->>'itemId', i.ordinality, i.value->>'name',
      (i.value->>'priceMinor')::bigint, (i.value->>'available')::boolean,
      (i.value->>'stock')::integer
    FROM restaurant r, jsonb_array_elements($7::jsonb) WITH ORDINALITY i
    ON CONFLICT (city_id, restaurant_id, item_id) DO UPDATE SET position = excluded.position,
      name = excluded.name, price_minor = excluded.price_minor, available = excluded.available,
      stock = excluded.stock`,
};

const PUT_COURIER = {
  name: 'put_courier',
  text: `
    INSERT INTO couriers (city_id, courier_id, name, vehicle, capacity) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (city_id, courier_id) DO UPDATE SET name = excluded.name,
      vehicle = excluded.vehicle, capacity = excluded.capacity, version = couriers.version + 1`,
};

/** A city's restaurants on one page; a city with more needs another way to look at them. */
const RESTAURANTS_MAX = 5_000;

const RESTAURANTS = {
  name: 'restaurants',
  text: `
    SELECT r.restaurant_id, r.name, r.lat, r.lng, r.open,
      extract(epoch FROM r.paused_until)::float8 * 1000 AS paused_until_ms,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('itemId', m.item_id, 'name', m.name,
          'priceMinor', m.price_minor, 'available', m.available, 'stock', m.stock) ORDER BY m.position), '[]')
        FROM menu_items m WHERE m.city_id = r.city_id AND m.restaurant_id = r.restaurant_id) AS menu
    FROM restaurants r WHERE r.city_id = $1 AND ($2::text IS NULL OR r.restaurant_id = $2)
    ORDER BY r.restaurant_id LIMIT ${RESTAURANTS_MAX}`,
};

interface RestaurantRow {
  restaurant_id: string;
  name: string;
  lat: number;
  lng: number;
  open: boolean;
  paused_until_ms: number | null;
  menu: MenuItem[];
}

interface CityRow {
  city_id: string;
  delivery_zone: CityInput['deliveryZone'];
  courier_speed_mps: number;
  detour_factor: number;
  dispatch: DispatchInput;
}

interface WholeCityRow extends CityRow {
  name: string;
  currency: string;
  delivery_fee_minor: number;
  tax_rate: number;
  cancellation: CityView['cancellation'];
  delivery_code: boolean;
}

interface SampleRow {
  city_id: string;
  name: string;
  restaurants: { id: string; name: string }[];
  couriers: { id: string; name: string }[];
}

/** Cities, restaurants with their menus, and couriers, as service accounts provision them. */
export class Catalogue {
  readonly #database: Database;
  readonly #board: CityBoard;

  /** @param board is told of every city that is put */
  constructor(database: Database, board: CityBoard) {
    this.#database = database;
    this.#board = board;
  }

  async putCity(cityId: string, input: CityInput): Promise<void> {
    const { name, currency, deliveryFeeMinor, taxRate, courierSpeedMps, detourFactor } = input;
    const zone = JSON.stringify(input.deliveryZone);
    const terms = [deliveryFeeMinor, taxRate, courierSpeedMps, detourFactor];
    const { cancellation = CANCELLATION_DEFAULT, deliveryCode = false, dispatch = {} } = input;
    const rules = [JSON.stringify(cancellation), deliveryCode, JSON.stringify(dispatch)];
    await this.#database.query(PUT_CITY, [cityId, name, currency, zone, ...terms, ...rules]);
    this.#board.cityChanged({ cityId, ...input, dispatch: dispatchSettings(dispatch) });
  }

  /** @throws AppError `not_found` when the city does not exist */
  async putRestaurant(cityId: string, restaurantId: string, input: RestaurantInput): Promise<void> {
    const { name, place, open } = input;
    const menu = JSON.stringify(input.menu);
    const values = [cityId, restaurantId, name, place.lat, place.lng, open, menu];
    await this.#put(cityId, () => this.#database.query(PUT_RESTAURANT, values));
  }

  /** @throws AppError `not_found` when the city does not exist */
  async putCourier(cityId: string, courierId: string, input: CourierInput): Promise<void> {
    const values = [cityId, courierId, input.name, input.vehicle, input.capacity];
    await this.#put(cityId, () => this.#database.query(PUT_COURIER, values));
  }

  /** @throws AppError `not_found` */
  async city(cityId: string): Promise<CityView> {
    const [row] = await this.#database.query<WholeCityRow>(CITY, [cityId]);
    if (row === undefined) throw protocolErrors.make('not_found', { details: { cityId } });
    return {
      cityId: row.city_id,
      name: row.name,
      currency: row.currency,
      deliveryZone: row.delivery_zone,
      deliveryFeeMinor: row.delivery_fee_minor,
      taxRate: row.tax_rate,
      courierSpeedMps: row.courier_speed_mps,
      detourFactor: row.detour_factor,
      cancellation: row.cancellation,
      deliveryCode: row.delivery_code,
      dispatch: row.dispatch,
    };
  }

  /** Some of whom there is in some cities, by id. */
  async samplePeople(): Promise<DemoPeople> {
    const rows = await this.#database.query<SampleRow>(SAMPLE_PEOPLE);
    return {
      cities: rows.map(({ city_id: cityId, name, restaurants, couriers }) => ({
        cityId,
        name,
        restaurants,
        couriers,
      })),
    };
  }

  /** Ordered by id, at most RESTAURANTS_MAX. */
  async restaurants(cityId: string): Promise<readonly RestaurantView[]> {
    const rows = await this.#database.query<RestaurantRow>(RESTAURANTS, [cityId, null]);
    return rows.map(restaurantOf);
  }

  /** @throws AppError `not_found` */
  async restaurant(cityId: string, restaurantId: string): Promise<RestaurantView> {
    const values = [cityId, restaurantId];
    const [row] = await this.#database.query<RestaurantRow>(RESTAURANTS, values);
    if (row === undefined) throw protocolErrors.make('not_found', { details: { restaurantId } });
    return restaurantOf(row);
  }

  async cities(): Promise<readonly CitySettings[]> {
    return (await this.#database.query<CityRow>(CITIES)).map((row) => ({
      cityId: row.city_id,
      deliveryZone: row.delivery_zone,
      courierSpeedMps: row.courier_speed_mps,
      detourFactor: row.detour_factor,
      dispatch: dispatchSettings(row.dispatch),
    }));
  }

  async #put(cityId: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isViolation(error) || error.code !== 'foreign_key_violation') throw error;
      throw protocolErrors.make('not_found', { details: { cityId }, cause: error });
    }
  }
}

function restaurantOf(row: RestaurantRow): RestaurantView {
  return {
    restaurantId: row.restaurant_id,
    name: row.name,
    place: { lat: row.lat, lng: row.lng },
    open: row.open,
    pausedUntilMs: row.paused_until_ms === null ? null : Math.round(row.paused_until_ms),
    menu: row.menu,
  };
}
