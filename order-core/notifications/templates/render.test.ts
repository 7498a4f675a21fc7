import { assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import {
  cancelReasonSchema,
  languageSchema,
  notificationKindSchema,
} from '../../../protocol/index.ts';
import { utcMs } from '../../../runtime/index.ts';
import { FACT_NAMES, type Subject } from './facts.ts';
import { escapeHtml, PHRASES, renderEmail, renderPush, renderSms } from './render.ts';

const ABOUT: Subject = {
  orderId: '01a1fd16-c99c-74ef-9076-906c5f8df201',
  data: {
    reason: 'no_courier',
    feeMinor: 0,
    refundedMinor: 1_250,
    readyAtMs: utcMs('2026-07-01 17:05:00'),
    restaurantStars: 4,
  },
  restaurantName: 'Soup House',
  reference: null,
  currency: 'eur',
  totalMinor: 1_320,
  deliveryCode: '048213',
};
const ENGLISH = { language: 'en', timeZone: 'Europe/Berlin' } as const;
const GERMAN = { ...ENGLISH, language: 'de' } as const;

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)]
    .map(([, name = '']) => name)
    .toSorted((a, b) => (a < b ? -1 : 1));

test.each(notificationKindSchema.options)('%s names the same facts in every language', (kind) => {
  for (const language of languageSchema.options) {
    const template = PHRASES[language].templates[kind];
    const english = PHRASES.en.templates[kind];
    for (const part of ['subject', 'text', 'sms'] as const) {
      const named = placeholders(template[part] ?? '');
      expect(named).toEqual(placeholders(english[part] ?? ''));
      expect(FACT_NAMES).toEqual(expect.arrayContaining(named));
    }
    const { subject, text } = renderEmail([{ kind, about: ABOUT }], { ...ENGLISH, language });
    expect(`${subject} ${text}`).not.toMatch(/[{}]|undefined|NaN/);
  }
});

test('every reason of a cancellation is said in every language', () => {
  for (const language of languageSchema.options) {
    const said = cancelReasonSchema.options.map((reason) => PHRASES[language].reasons[reason]);
    expect(new Set(said).size).toBe(cancelReasonSchema.options.length);
  }
});

test('money and times are as the reader writes them, in the reader’s zone', () => {
  const refunded = { kind: 'payment_refunded', about: ABOUT } as const;
  expect(renderEmail([refunded], ENGLISH).subject).toBe('You get €12.50 back');
  expect(renderEmail([refunded], GERMAN).subject).toBe('Sie bekommen 12,50\u00a0€ zurück');
  const yen = { ...ABOUT, currency: 'jpy' };
  expect(renderSms([{ ...refunded, about: yen }], ENGLISH)).toContain('¥1,250');
  const confirmed = { kind: 'order_confirmed', about: ABOUT } as const;
  expect(renderEmail([confirmed], ENGLISH).text).toContain('at about 19:05');
});

test('a name can begin no header, no tag and no placeholder, whatever it is', () => {
  assert(
    property(string({ unit: 'binary' }), string({ unit: 'grapheme' }), (name, reference) => {
      const about = { ...ABOUT, restaurantName: `${name}\r\nBcc: all {code}<b>`, reference };
      const told = [{ kind: 'order_confirmed', about } as const];
      const { subject, html } = renderEmail(told, ENGLISH);
      expect(subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      expect(subject).not.toContain('048213');
      expect(subject.isWellFormed()).toBe(true);
      expect(html.replaceAll(/<\/?(?:!doctype html|html lang="en"|html|body|p)>/g, '')).not.toMatch(
        /[<>]/,
      );
      expect(renderSms(told, ENGLISH).length).toBeLessThanOrEqual(300);
      expect(renderPush(told, ENGLISH).body).not.toContain('\n');
    }),
  );
});

test('what HTML means is escaped', () => {
  expect(escapeHtml(`<a href="x" on='y'>&amp;</a>`)).toBe(
    '&lt;a href=&quot;x&quot; on=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;',
  );
});

test('several things become one e-mail that says one after the other', () => {
  const reminder = { kind: 'rating_reminder', about: ABOUT } as const;
  const { subject, text } = renderEmail([reminder, reminder], GERMAN);
  expect(subject).toBe('2 Nachrichten zu Ihren Bestellungen');
  expect(text.split('Möchten Sie sie bewerten?')).toHaveLength(3);
});

test('the code is in the text message, which says it first', () => {
  expect(renderSms([{ kind: 'delivery_code', about: ABOUT }], ENGLISH)).toMatch(/^048213 /);
});
