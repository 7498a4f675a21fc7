import type { CourierLoad } from './ports.ts';

/** Minutes that a courier who never accepts counts as farther away. */
const ACCEPTANCE_MINUTES = 5;
/** For each star below five. */
const RATING_MINUTES_PER_STAR = 0.5;
/** Who has waited long goes before who has just come: so many minutes for each minute, up to a bound. */
const IDLE_WEIGHT = 0.05;
const IDLE_MINUTES_MAX = 2;
/** Deliveries more or fewer than the others' mean today: a share of the earnings for everybody. */
const DELIVERED_WEIGHT = 0.1;
const DELIVERED_MINUTES_MAX = 1;

export interface Handicap {
  /** Sum of the parts, minutes: what giving this courier a trip counts beside its way. */
  readonly minutes: number;
  readonly parts: {
    readonly acceptance: number;
    readonly rating: number;
    readonly idle: number;
    readonly earnings: number;
  };
}

/**
 * What speaks for and against a courier, apart from where it is.
 * @param facts.idleMinutes city minutes since it had something in hand
 * @param facts.deliveredMean orders delivered today by the couriers it is compared with
 */
export function handicapOf(
  load: CourierLoad,
  { idleMinutes, deliveredMean }: { readonly idleMinutes: number; readonly deliveredMean: number },
): Handicap {
  const more = DELIVERED_WEIGHT * (load.deliveredToday - deliveredMean);
  const parts = {
    acceptance: ACCEPTANCE_MINUTES * (1 - load.acceptanceRate),
    rating: load.rating === null ? 0 : RATING_MINUTES_PER_STAR * (5 - load.rating),
    idle: -Math.min(IDLE_MINUTES_MAX, IDLE_WEIGHT * Math.max(0, idleMinutes)),
    earnings: Math.max(-DELIVERED_MINUTES_MAX, Math.min(DELIVERED_MINUTES_MAX, more)),
  };
  return { minutes: parts.acceptance + parts.rating + parts.idle + parts.earnings, parts };
}
