import { z } from 'zod';
import type { Immutable } from './immutable.ts';
import { timeMsSchema } from './places.ts';

const courierEventTypeSchema = z
  .enum([
    'near_restaurant',
    'arrived_restaurant',
    'left_restaurant',
    'near_customer',
    'arrived_customer',
    'left_customer',
    'off_route',
    'back_on_route',
    'silent',
    'heard',
  ])
  .describe(
    'Near: 200 m from the restaurant, 500 m from the door; arrived: within 50 m for some seconds. Off ' +
      'route: for a minute 500 m beside the line to its only stop; back on it also when it goes ' +
      'elsewhere now: it has the food, or another stop. Silent: no fix for a while.',
  );
export type CourierEventType = z.output<typeof courierEventTypeSchema>;

export const courierEventSchema = z
  .object({
    type: z.literal('courier_event'),
    orderId: z.uuid(),
    courierId: z.string(),
    event: courierEventTypeSchema,
    atMs: timeMsSchema.describe('Of the fix that showed it; of silence, when it was noticed.'),
  })
  .describe(
    'What happens to a courier on its way with an order, to those who watch the order, its restaurant ' +
      'and the courier. What still holds is told again to who begins to listen. A restart of the ' +
      'engine forgets it, and tells anew.',
  );
export type CourierEvent = Immutable<z.output<typeof courierEventSchema>>;
