import { signal } from '@preact/signals';
import { en, type Message, type MessageKey, type Messages } from './en.ts';

/**
 * Which language the page speaks. English comes with the page; the others are loaded when they are
 * wanted, so nobody pays for languages that nobody reads.
 */
export const LOCALES = {
  en: { name: 'English', direction: 'ltr' },
  de: { name: 'Deutsch', direction: 'ltr' },
  ar: { name: 'العربية', direction: 'rtl' },
} as const;
export type Locale = keyof typeof LOCALES;

interface Language {
  readonly locale: Locale;
  readonly messages: Messages;
}

/** A language is a matter of taste, and no secret: it may be kept in the browser. */
const KEPT_AS = 'hexfleet.language';

export const language = signal<Language>({ locale: 'en', messages: en });

/** The language that was chosen here before, or the first of the reader's that there is. */
export async function beginLanguage(): Promise<void> {
  const kept = localStorage.getItem(KEPT_AS);
  const wanted = [...(kept === null ? [] : [kept]), ...navigator.languages];
  const known = wanted.map((tag) => tag.split('-')[0] ?? '').find(isLocale);
  await show(known ?? 'en');
}

export async function chooseLanguage(locale: Locale): Promise<void> {
  localStorage.setItem(KEPT_AS, locale);
  await show(locale);
}

export function isLocale(tag: string): tag is Locale {
  return Object.hasOwn(LOCALES, tag);
}

async function show(locale: Locale): Promise<void> {
  const messages = await load(locale);
  document.documentElement.lang = locale;
  document.documentElement.dir = LOCALES[locale].direction;
  language.value = { locale, messages };
}

async function load(locale: Locale): Promise<Messages> {
  switch (locale) {
    case 'de':
      return (await import('./de.ts')).de;
    case 'ar':
      return (await import('./ar.ts')).ar;
    case 'en':
      return en;
  }
}

type Values = Readonly<Record<string, string | number>>;

/**
 * What is to be read. A message with plural forms is chosen by `count`, in the way of the language.
 * @param values for `{name}` in the message; numbers are written as the language does
 */
export function t(key: MessageKey, values: Values = {}): string {
  const { locale, messages } = language.value;
  const text = formOf(messages[key], locale, values);
  return text.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? formatNumber(value) : (value ?? '');
  });
}

function formOf(message: Message, locale: Locale, { count }: Values): string {
  if (typeof message === 'string') return message;
  const form = new Intl.PluralRules(locale).select(Number(count));
  return message[form] ?? message.other;
}

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(language.value.locale).format(value);
}
