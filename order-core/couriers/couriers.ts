import { type Actor, protocolErrors, type Vehicle } from '../../protocol/index.ts';
import type { Database } from '../database/pool.ts';

const LOAD_COLUMNS = `courier_id, version, on_duty, active_orders, capacity, vehicle,
  extract(epoch FROM shift_ends_at)::float8 * 1000 AS shift_ends_at_ms`;

/** Said again, it is as it is said now; a courier who was on duty has been idle for as long. */
const SET_DUTY = {
  name: 'set_duty',
  text: `
    UPDATE couriers SET on_duty = $3, version = version + 1,
      shift_ends_at = CASE WHEN $3 THEN to_timestamp($4::float8 / 1000) END,
      idle_since = CASE WHEN $3 AND NOT on_duty THEN clock_timestamp() ELSE idle_since END
    WHERE city_id = $1 AND courier_id = $2 RETURNING ${LOAD_COLUMNS}`,
};

const COURIER = {
  name: 'courier',
  text: `SELECT ${LOAD_COLUMNS} FROM couriers WHERE city_id = $1 AND courier_id = $2`,
};

const COURIERS_ON_DUTY = {
  name: 'couriers_on_duty',
  text: `SELECT ${LOAD_COLUMNS} FROM couriers WHERE city_id = $1 AND on_duty`,
};

export interface LoadRow {
  courier_id: string;
  version: number;
  on_duty: boolean;
  active_orders: number;
  capacity: number;
  vehicle: Vehicle;
  shift_ends_at_ms: number | null;
}

/** What the books say of a courier: whether it works, and how much of its capacity is taken. */
export interface CourierRecord {
  readonly courierId: string;
  readonly version: number;
  readonly onDuty: boolean;
  readonly activeOrders: number;
  readonly capacity: number;
  readonly vehicle: Vehicle;
  /** From then on it gets no new offers, ms since the Unix epoch; null: it did not say. */
  readonly shiftEndsAtMs: number | null;
}

/** What a courier says of its work. */
export interface Duty {
  readonly onDuty: boolean;
  /** When it will stop, ms since the Unix epoch; left out: it does not say. */
  readonly untilMs?: number | undefined;
}

/** @throws AppError `not_found` for a courier that was never provisioned */
export async function setDuty(
  database: Database,
  actor: Actor,
  { onDuty, untilMs }: Duty,
): Promise<CourierRecord> {
  const values = [actor.cityId, actor.subject, onDuty, untilMs ?? null];
  return one(await database.query<LoadRow>(SET_DUTY, values), actor);
}

/** @throws AppError `not_found` for a courier that was never provisioned */
export async function courierOf(database: Database, actor: Actor): Promise<CourierRecord> {
  return one(await database.query<LoadRow>(COURIER, [actor.cityId, actor.subject]), actor);
}

/** In no order. Only their own rows: a city may have thousands. */
export async function couriersOnDuty(
  database: Database,
  cityId: string,
): Promise<readonly CourierRecord[]> {
  return (await database.query<LoadRow>(COURIERS_ON_DUTY, [cityId])).map(recordOf);
}

/** Whether the courier has room for another order. */
export function isAvailable(courier: CourierRecord): boolean {
  return courier.onDuty && courier.activeOrders < courier.capacity;
}

export function recordOf(row: LoadRow): CourierRecord {
  return {
    courierId: row.courier_id,
    version: row.version,
    onDuty: row.on_duty,
    activeOrders: row.active_orders,
    capacity: row.capacity,
    vehicle: row.vehicle,
    shiftEndsAtMs: row.shift_ends_at_ms,
  };
}

function one(rows: readonly LoadRow[], actor: Actor): CourierRecord {
  const [row] = rows;
  if (row === undefined) {
    throw protocolErrors.make('not_found', { details: { courierId: actor.subject } });
  }
  return recordOf(row);
}
