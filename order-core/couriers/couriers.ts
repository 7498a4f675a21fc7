import { type Actor, protocolErrors } from '../../protocol/index.ts';
import type { Database } from '../database/pool.ts';

const LOAD_COLUMNS = `courier_id, version, on_duty, active_orders, capacity`;

const SET_DUTY = {
  name: 'set_duty',
  text: `
    UPDATE couriers SET on_duty = $3, version = version + 1
    WHERE city_id = $1 AND courier_id = $2 RETURNING ${LOAD_COLUMNS}`,
};

const COURIER_LOADS = {
  name: 'courier_loads',
  text: `
    SELECT ${LOAD_COLUMNS} FROM couriers WHERE city_id = $1 AND courier_id = ANY($2::text[])`,
};

const COURIERS_ON_DUTY = {
  name: 'couriers_on_duty',
  text: `SELECT ${LOAD_COLUMNS} FROM couriers WHERE city_id = $1 AND on_duty`,
};

interface LoadRow {
  courier_id: string;
  version: number;
  on_duty: boolean;
  active_orders: number;
  capacity: number;
}

/** What the books say of a courier: whether it works, and how much of its capacity is taken. */
export interface CourierRecord {
  readonly courierId: string;
  readonly version: number;
  readonly onDuty: boolean;
  readonly activeOrders: number;
  readonly capacity: number;
}

/** @throws AppError `not_found` for a courier that was never provisioned */
export async function setDuty(
  database: Database,
  actor: Actor,
  onDuty: boolean,
): Promise<CourierRecord> {
  const rows = await database.query<LoadRow>(SET_DUTY, [actor.cityId, actor.subject, onDuty]);
  return one(rows, actor);
}

/** @throws AppError `not_found` for a courier that was never provisioned */
export async function courierOf(database: Database, actor: Actor): Promise<CourierRecord> {
  return one(await loads(database, actor.cityId, [actor.subject]), actor);
}

/** In no order; couriers that do not exist are left out. */
export async function courierLoads(
  database: Database,
  cityId: string,
  courierIds: readonly string[],
): Promise<readonly CourierRecord[]> {
  return (await loads(database, cityId, courierIds)).map(recordOf);
}

export async function couriersOnDuty(
  database: Database,
  cityId: string,
): Promise<readonly CourierRecord[]> {
  return (await database.query<LoadRow>(COURIERS_ON_DUTY, [cityId])).map(recordOf);
}

/** Whether dispatch may offer this courier another order. */
export function isAvailable(courier: CourierRecord): boolean {
  return courier.onDuty && courier.activeOrders < courier.capacity;
}

async function loads(
  database: Database,
  cityId: string,
  courierIds: readonly string[],
): Promise<LoadRow[]> {
  return await database.query<LoadRow>(COURIER_LOADS, [cityId, courierIds]);
}

function one(rows: readonly LoadRow[], actor: Actor): CourierRecord {
  const [row] = rows;
  if (row === undefined) {
    throw protocolErrors.make('not_found', { details: { courierId: actor.subject } });
  }
  return recordOf(row);
}

function recordOf(row: LoadRow): CourierRecord {
  return {
    courierId: row.courier_id,
    version: row.version,
    onDuty: row.on_duty,
    activeOrders: row.active_orders,
    capacity: row.capacity,
  };
}
