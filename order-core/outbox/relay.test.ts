import { afterEach, expect, test } from 'vitest';
import { createLogger, InProcessBus, Metrics } from '../../runtime/index.ts';
import type { OrderEvent } from '../../protocol/index.ts';
import { LOOK_MS } from '../lookout.ts';
import { Relay } from './relay.ts';

const relays: Relay[] = [];
afterEach(() => Promise.all(relays.splice(0).map((relay) => relay.stop())));

/** A relay whose database is away, or there and empty. */
function relayOf() {
  const clock = { atMs: 0, nowMs: () => 0, monotonicMs: () => clock.atMs };
  const outbox = { away: true, rounds: 0 };
  const transaction = () => {
    outbox.rounds += 1;
    return outbox.away ? Promise.reject(new Error('away')) : Promise.resolve(0);
  };
  const relay = new Relay({
    database: { transaction } as never,
    bus: new InProcessBus<OrderEvent>(),
    handed: () => undefined,
    clock,
    metrics: new Metrics(false),
    log: createLogger('silent'),
  });
  relays.push(relay);
  return { relay, clock, outbox };
}

test('while the database is away the lag grows with the time, and it ends when the outbox was seen', async () => {
  const { relay, clock, outbox } = relayOf();
  relay.start();
  clock.atMs = 11_000;
  await expect.poll(() => outbox.rounds).toBeGreaterThan(0);
  // All but what lies between two looks.
  expect(relay.lagMs()).toBe(11_000 - LOOK_MS);
  outbox.away = false;
  relay.wake();
  await expect.poll(() => relay.lagMs(), { timeout: 5_000 }).toBe(0);
});

test('an outbox that is looked at when it should be has no lag', () => {
  const { relay, clock } = relayOf();
  clock.atMs = LOOK_MS - 50;
  expect(relay.lagMs()).toBe(0);
});

test('an outbox that somebody else has seen empty has no lag', () => {
  const { relay, clock } = relayOf();
  clock.atMs = 11_000;
  expect(relay.lagMs()).toBe(11_000 - LOOK_MS);
  relay.isEmpty();
  expect(relay.lagMs()).toBe(0);
});
