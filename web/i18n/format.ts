import { utcMs } from '../../runtime/portable.ts';
import { formatNumber, language, t } from './locale.ts';

/** Numbers, money and times as the reader's language writes them. */

/** @param amountMinor in the currency's minor unit; @param currency ISO 4217, any case */
export function money(amountMinor: number, currency: string): string {
  const format = new Intl.NumberFormat(language.value.locale, {
    style: 'currency',
    currency: currency.toUpperCase(),
  });
  const { maximumFractionDigits = 2 } = format.resolvedOptions();
  return format.format(amountMinor / 10 ** maximumFractionDigits);
}

/** Hour and minute. @param ms since the Unix epoch */
export function clockTime(ms: number): string {
  return new Intl.DateTimeFormat(language.value.locale, {
    hour: '2-digit',
    minute: '2-digit',
  }).format(ms);
}

/** Day, hour and minute. @param ms since the Unix epoch */
export function dayAndTime(ms: number): string {
  return new Intl.DateTimeFormat(language.value.locale, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(ms);
}

/** A day as the engine counts them. @param utcDay YYYY-MM-DD */
export function day(utcDay: string): string {
  return new Intl.DateTimeFormat(language.value.locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  }).format(utcMs(`${utcDay} 00:00:00`));
}

/** Minutes and seconds that are left, `4:07`. */
export function remaining(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const twoDigits = new Intl.NumberFormat(language.value.locale, { minimumIntegerDigits: 2 });
  return `${formatNumber(Math.floor(whole / 60))}:${twoDigits.format(whole % 60)}`;
}

/** How long ago, in words. */
export function ago(seconds: number): string {
  if (seconds < 5) return t('time.now');
  if (seconds < 60) return relative(-Math.round(seconds), 'second');
  if (seconds < 3_600) return relative(-Math.round(seconds / 60), 'minute');
  return relative(-Math.round(seconds / 3_600), 'hour');
}

/** Metres, or kilometres from one on. */
export function distance(meters: number): string {
  const isFar = meters >= 1_000;
  return new Intl.NumberFormat(language.value.locale, {
    style: 'unit',
    unit: isFar ? 'kilometer' : 'meter',
    maximumFractionDigits: isFar ? 1 : 0,
  }).format(isFar ? meters / 1_000 : Math.round(meters / 10) * 10);
}

function relative(value: number, unit: 'second' | 'minute' | 'hour'): string {
  return new Intl.RelativeTimeFormat(language.value.locale, { numeric: 'always' }).format(
    value,
    unit,
  );
}
