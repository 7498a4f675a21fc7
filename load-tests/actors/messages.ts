import type { CancelReason, OrderState } from '../../protocol/index.ts';
import type { World, WorldOrder } from '../world/world.ts';

/** What is said between the director of a simulated city and the processes of its actors. */
export type ActorRole = 'couriers' | 'restaurants' | 'customers';

/** To the actors. */
export type Direction =
  | { readonly kind: 'begin'; readonly role: ActorRole; readonly world: World }
  /** One more customer, beside those of the world. */
  | { readonly kind: 'order'; readonly order: WorldOrder };

/** From the actors. */
export type Report =
  | { readonly kind: 'placed'; readonly reference: string; readonly orderId: string }
  | { readonly kind: 'refused'; readonly reference: string; readonly code: string }
  | {
      readonly kind: 'heard';
      readonly reference: string;
      readonly event: string;
      readonly restaurantName: string;
      readonly courierId: string | null;
    }
  | {
      readonly kind: 'ended';
      readonly reference: string;
      readonly orderId: string;
      readonly state: OrderState;
      readonly cancelReason: CancelReason | null;
    }
  | {
      readonly kind: 'estimated';
      readonly orderId: string;
      /** When it was told, ms since the Unix epoch, as are the times that it told. */
      readonly atMs: number;
      readonly pickupAtMs: number | null;
      readonly dropoffAtMs: number;
      readonly by: 'plan' | 'courier';
    }
  /** Since the last report of this kind. */
  | { readonly kind: 'fixes'; readonly sent: number }
  | { readonly kind: 'positions'; readonly latenciesMs: readonly number[] };
