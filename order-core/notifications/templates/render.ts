import type {
  Language,
  NotificationKind,
  NotificationPreferences,
} from '../../../protocol/index.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { factsOf, type Facts, type Subject } from './facts.ts';
import type { Phrases } from './template.ts';

export const PHRASES: Readonly<Record<Language, Phrases>> = { en, de };

/** Two text messages; what is longer costs more and is not read. */
const SMS_LENGTH_MAX = 300;
const SUBJECT_LENGTH_MAX = 150;

/** Whom it is for, as far as the words depend on it. */
type Reader = Pick<NotificationPreferences, 'language' | 'timeZone'>;

export interface Told {
  readonly kind: NotificationKind;
  readonly about: Subject;
}

/** @param told at least one; several become one e-mail that says one after the other */
export function renderEmail(
  told: readonly Told[],
  reader: Reader,
): { readonly subject: string; readonly text: string; readonly html: string } {
  const phrases = PHRASES[reader.language];
  const said = told.map((one) => say(one, reader));
  const [first] = said;
  const subject =
    said.length === 1 && first !== undefined
      ? first.subject
      : phrases.digestSubject.replace('{count}', String(said.length));
  const paragraphs = [...said.map(({ text }) => text), phrases.footer];
  const html = paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n');
  return {
    subject: cut(subject, SUBJECT_LENGTH_MAX),
    text: `${paragraphs.join('\n\n')}\n`,
    html: `<!doctype html>\n<html lang="${reader.language}"><body>\n${html}\n</body></html>\n`,
  };
}

export function renderSms(told: readonly Told[], reader: Reader): string {
  return cut(told.map((one) => say(one, reader).sms).join(' '), SMS_LENGTH_MAX);
}

export function renderPush(
  told: readonly Told[],
  reader: Reader,
): { readonly title: string; readonly body: string } {
  const { subject, text } = renderEmail(told.slice(0, 1), reader);
  return { title: subject, body: text.split('\n')[0] ?? '' };
}

function say(
  { kind, about }: Told,
  reader: Reader,
): { readonly subject: string; readonly text: string; readonly sms: string } {
  const { templates, reasons } = PHRASES[reader.language];
  const facts = factsOf(about, reader, reasons);
  const { subject, text, sms = text } = templates[kind];
  return { subject: fill(subject, facts), text: fill(text, facts), sms: fill(sms, facts) };
}

/** What a fact says is never a template: it is filled in once, on one line. */
function fill(template: string, facts: Facts): string {
  return template.replace(/\{(\w+)\}/g, (_whole, name: string) =>
    oneLine(facts[name as keyof Facts]),
  );
}

/** A line break in a name would begin a new header, or a new message. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').toWellFormed();
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** @param max UTF-16 units; no character is cut in half */
function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
