import { outlookOf, type LiveCity, type Outlook, type Place } from '../geo/index.ts';
import type { CourierLoad } from './ports.ts';

/** Who has something in hand is not free before this, however near its end it should be. */
const BUSY_MINUTES_MIN = 2;

/** The moment of a round, in the city's time. */
export interface CityTime {
  /** Of the city's day, 0 to 23. */
  readonly hour: number;
  /** City minutes from now; negative for the past. */
  readonly minutesUntil: (atMs: number) => number;
}

/** What lies before a courier who has this load. What was offered counts as accepted. */
export function outlookOfLoad(
  { dispatch, travel }: LiveCity,
  load: CourierLoad,
  position: Place,
  { hour, minutesUntil }: CityTime,
): Outlook {
  const { speedFactor } = dispatch.vehicles[load.vehicle];
  const carrying = load.carrying.map((order) => ({
    ...order,
    pickedUp: order.state === 'PICKED_UP' || order.state === 'OUT_FOR_DELIVERY',
    readyInMinutes: minutesUntil(order.readyAtMs ?? 0),
  }));
  const outlook = outlookOf(
    position,
    carrying,
    (from, to) => travel.seconds(from, to, hour) / 60 / speedFactor,
  );
  const freeInMinutes =
    load.activeOrders === 0 ? 0 : Math.max(outlook.freeInMinutes, BUSY_MINUTES_MIN);
  return { ...outlook, freeInMinutes };
}
