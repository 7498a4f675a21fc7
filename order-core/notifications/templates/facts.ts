import type { CancelReason, Language, NotificationPreferences } from '../../../protocol/index.ts';
import type { Phrases } from './template.ts';

/** What a notification is about: its event, and what its order says by now. */
export interface Subject {
  readonly orderId: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly restaurantName: string;
  readonly reference: string | null;
  readonly currency: string;
  readonly totalMinor: number;
  /** Null where the city asks for none. */
  readonly deliveryCode: string | null;
}

/** What templates may name. */
export const FACT_NAMES = [
  'number',
  'restaurant',
  'total',
  'ready',
  'code',
  'reason',
  'fee',
  'amount',
  'stars',
] as const;
export type Facts = Readonly<Record<(typeof FACT_NAMES)[number], string>>;

/** Of an order without a name of its own; random, so that orders of one moment differ. */
const NUMBER_LENGTH = 6;

/** The facts as a reader of this language, in this time zone, wants to see them. */
export function factsOf(
  about: Subject,
  { language, timeZone }: Pick<NotificationPreferences, 'language' | 'timeZone'>,
  reasons: Phrases['reasons'],
): Facts {
  const { data } = about;
  const money = (name: string): string => amount(numberIn(data, name), about.currency, language);
  return {
    number: about.reference ?? about.orderId.slice(-NUMBER_LENGTH).toUpperCase(),
    restaurant: about.restaurantName,
    total: amount(about.totalMinor, about.currency, language),
    ready: timeOfDay(numberIn(data, 'readyAtMs'), language, timeZone),
    code: about.deliveryCode ?? '',
    reason: reasons[data['reason'] as CancelReason] ?? '',
    fee: money('feeMinor'),
    amount: money('refundedMinor'),
    stars: String(numberIn(data, 'restaurantStars')),
  };
}

function numberIn(data: Subject['data'], name: string): number {
  const value = data[name];
  return typeof value === 'number' ? value : 0;
}

/** @param minor in the currency's minor unit; not each has hundredths */
function amount(minor: number, currency: string, language: Language): string {
  const format = new Intl.NumberFormat(language, {
    style: 'currency',
    currency: currency.toUpperCase(),
  });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(minor / 10 ** digits);
}

function timeOfDay(atMs: number, language: Language, timeZone: string): string {
  const style = { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return new Intl.DateTimeFormat(language, style).format(atMs);
}
