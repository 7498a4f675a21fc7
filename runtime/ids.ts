import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';

/** A string that the compiler does not confuse with another kind of id. Costs nothing at run time. */
type Branded<Name extends string> = string & { readonly __brand: Name };

export type CityId = Branded<'CityId'>;
export type OrderId = Branded<'OrderId'>;
export type RestaurantId = Branded<'RestaurantId'>;
export type CourierId = Branded<'CourierId'>;
export type CustomerId = Branded<'CustomerId'>;
export type OfferId = Branded<'OfferId'>;
export type CorrelationId = Branded<'CorrelationId'>;

/* oxlint-disable no-unnecessary-type-parameters -- the parameter is the brand of the new id */
/** A new UUIDv7: unique everywhere, and sorted by creation time, which keeps indexes compact. */
export function newId<Id extends string>(): Id {
  return v7() as Id;
}

/** For the log and the headers: not sorted, but made of bytes that are asked for in advance. */
export function newCorrelationId(): CorrelationId {
  return randomUUID() as string as CorrelationId;
}
