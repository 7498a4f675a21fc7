import type { CityInput, CityView, DispatchInput, OrderSummary } from '../../protocol/index.ts';
import { contains, isSameZone } from './zone.ts';

/** A city's settings as a form has them, and what would change. Pure. */

/** As the engine has them where nothing was set: DISPATCH_DEFAULTS of the protocol. */
export const DISPATCH_FORM_DEFAULTS = {
  strategy: 'optimal',
  maxBatch: 3,
  bundleRadiusMeters: 0,
  maxPickupDistanceMeters: 30_000,
  promiseMinutes: 40,
} as const satisfies DispatchInput;

/** What the form has of a city; the rest of it is kept as it is. */
export interface CitySettings {
  readonly strategy: 'nearest' | 'scored' | 'optimal';
  readonly maxBatch: number;
  readonly bundleRadiusMeters: number;
  readonly maxPickupDistanceMeters: number;
  readonly promiseMinutes: number;
  readonly deliveryFeeMinor: number;
  readonly taxRate: number;
  readonly courierSpeedMps: number;
  readonly detourFactor: number;
  readonly deliveryCode: boolean;
  readonly withinSeconds: number;
  readonly refundWithin: number;
  readonly refundAfter: number;
  readonly deliveryZone: CityView['deliveryZone'];
}

export function settingsOf(city: CityView): CitySettings {
  const { deliveryFeeMinor, taxRate, courierSpeedMps, detourFactor, deliveryCode } = city;
  const { dispatch, cancellation, deliveryZone } = city;
  const given = dispatch ?? {};
  const or = DISPATCH_FORM_DEFAULTS;
  return {
    strategy: given.strategy ?? or.strategy,
    maxBatch: given.maxBatch ?? or.maxBatch,
    bundleRadiusMeters: given.bundleRadiusMeters ?? or.bundleRadiusMeters,
    maxPickupDistanceMeters: given.maxPickupDistanceMeters ?? or.maxPickupDistanceMeters,
    promiseMinutes: given.promiseMinutes ?? or.promiseMinutes,
    deliveryFeeMinor,
    taxRate,
    courierSpeedMps,
    detourFactor,
    deliveryCode,
    ...cancellation,
    deliveryZone,
  };
}

/** What is sent: everything, for a PUT replaces a city whole. */
export function inputOf(city: CityView, settings: CitySettings): CityInput {
  const { strategy, maxBatch, bundleRadiusMeters, maxPickupDistanceMeters, promiseMinutes } =
    settings;
  const { withinSeconds, refundWithin, refundAfter, deliveryZone, ...terms } = settings;
  const { deliveryFeeMinor, taxRate, courierSpeedMps, detourFactor, deliveryCode } = terms;
  const dispatch = { strategy, maxBatch, bundleRadiusMeters, maxPickupDistanceMeters };
  return {
    name: city.name,
    currency: city.currency,
    deliveryZone: structuredClone(deliveryZone) as CityInput['deliveryZone'],
    deliveryFeeMinor,
    taxRate,
    courierSpeedMps,
    detourFactor,
    deliveryCode,
    cancellation: { withinSeconds, refundWithin, refundAfter },
    dispatch: { ...city.dispatch, ...dispatch, promiseMinutes },
  };
}

export interface SettingsChange {
  readonly name: Exclude<keyof CitySettings, 'deliveryZone'>;
  readonly before: string;
  readonly after: string;
}

export interface DryRun {
  readonly changes: readonly SettingsChange[];
  readonly zoneChanged: boolean;
  /** Live orders whose doors would lie outside; they are delivered all the same. */
  readonly doorsOutside: number;
}

/** What saving would change, and whom it would meet. */
export function dryRun(
  before: CitySettings,
  after: CitySettings,
  orders: readonly OrderSummary[],
): DryRun {
  const names = (Object.keys(before) as (keyof CitySettings)[]).filter(
    (name) => name !== 'deliveryZone',
  );
  const zoneChanged = !isSameZone(before.deliveryZone, after.deliveryZone);
  return {
    changes: names
      .filter((name) => before[name] !== after[name])
      .map((name) => ({ name, before: String(before[name]), after: String(after[name]) })),
    zoneChanged,
    doorsOutside: zoneChanged
      ? orders.filter(({ dropoff }) => !contains(after.deliveryZone, dropoff.place)).length
      : 0,
  };
}
