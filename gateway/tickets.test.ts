import { expect, test } from 'vitest';
import type { CityId } from '../runtime/index.ts';
import { Tickets } from './tickets.ts';

const anna = {
  actor: { role: 'customer', subject: 'anna', cityId: 'c1' as CityId },
  tier: 'standard',
  expiresAtMs: 1e15,
  issuedAtMs: 0,
  tokenId: null,
} as const;

function office() {
  let nowMs = 0;
  const tickets = new Tickets({ nowMs: () => nowMs, monotonicMs: () => nowMs });
  const offer = (ticket: string) =>
    tickets.redeem(['hexfleet.v1.json', `hexfleet.ticket.${ticket}`]);
  return { tickets, offer, passes: (ms: number) => void (nowMs += ms) };
}

test('a ticket is good once, for whom it was made', () => {
  const { tickets, offer } = office();
  const { ticket, expiresInMs } = tickets.issue(anna);
  expect(expiresInMs).toBe(30_000);
  expect(offer(ticket)).toBe(anna);
  expect(() => offer(ticket)).toThrow('valid access token');
});

test('a ticket is good for half a minute', () => {
  const { tickets, offer, passes } = office();
  const [used, late] = [tickets.issue(anna).ticket, tickets.issue(anna).ticket];
  passes(29_999);
  expect(offer(used)).toBe(anna);
  passes(1);
  expect(() => offer(late)).toThrow('valid access token');
});

test('without a ticket there is none, and an invented one is refused', () => {
  const { tickets, offer } = office();
  expect(tickets.redeem(['hexfleet.v1.json'])).toBeNull();
  expect(() => offer('')).toThrow('valid access token');
  expect(() => offer('x'.repeat(32))).toThrow('valid access token');
});

test('of too many tickets the oldest are no good any more', () => {
  const { tickets, offer } = office();
  const oldest = tickets.issue(anna).ticket;
  const newer = tickets.issue(anna).ticket;
  for (let i = 0; i < 19_999; i++) tickets.issue(anna);
  expect(() => offer(oldest)).toThrow('valid access token');
  expect(offer(newer)).toBe(anna);
});
