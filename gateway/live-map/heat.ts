import { heatByCell } from '../../geo/index.ts';
import { protocolErrors, type HeatView } from '../../protocol/index.ts';
import type { Clock, TimeScale } from '../../runtime/index.ts';
import type { LiveCities, OrderDesk } from '../ports.ts';
import { HEARD_SECONDS, HEAT_CELLS_MAX } from './bounds.ts';

/**
 * Where couriers are, and where they are wanted.
 * @throws AppError `not_found`
 */
export async function readHeat(
  { cities, orders, clock, timeScale }: HeatDeps,
  cityId: string,
  resolution: number,
): Promise<HeatView> {
  const city = cities.city(cityId);
  if (city === null) throw protocolErrors.make('not_found');
  const demand = await orders.waitingDemand(cityId);
  const atMs = clock.nowMs();
  const sinceMs = atMs - timeScale.wallMs(HEARD_SECONDS);
  const terms = { resolution, sinceMs, cellsMax: HEAT_CELLS_MAX };
  return { resolution, atMs, ...heatByCell(city.index, demand, terms) };
}

interface HeatDeps {
  readonly cities: LiveCities;
  readonly orders: OrderDesk;
  readonly clock: Clock;
  readonly timeScale: TimeScale;
}
