import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger, systemClock, systemRandom } from '../runtime/index.ts';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { actor, offerTo, place, startTestCore, type TestCore } from './core.test-kit.ts';
import { Database } from './database/pool.ts';
import {
  discardDeadLetter,
  listDeadLetters,
  replayDeadLetter,
  showDeadLetter,
} from './saga/dead-letters.ts';

const restaurant = actor('restaurant', 'r1');
const courier = actor('courier', 'k1');

/** From paid to delivered, by hand. */
async function carry(core: TestCore): Promise<string> {
  const { orderId } = (await place(core)).order;
  await core.event(orderId, 'order.paid');
  await core.core.execute({ type: 'accept_order', orderId, preparationSeconds: 0 }, restaurant);
  await core.core.execute({ type: 'start_preparation', orderId }, restaurant);
  await core.core.execute({ type: 'mark_ready', orderId }, restaurant);
  expect(await offerTo(core, orderId, 'k1')).toBe('reserved');
  const { data } = await core.event(orderId, 'order.offered');
  const offerId = String(data['offerId']);
  await core.core.execute({ type: 'accept_offer', orderId, offerId }, courier);
  for (const type of ['pick_up', 'depart', 'deliver'] as const) {
    await core.core.execute({ type, orderId }, courier);
  }
  return orderId;
}

test.each([-600_000, 600_000])(
  'R10: a machine whose clock is %i ms off keeps every deadline and every offer',
  async (offMs) => {
    const clock = {
      nowMs: () => systemClock.nowMs() + offMs,
      monotonicMs: () => systemClock.monotonicMs(),
    };
    const core = await startTestCore({ TIME_SCALE: '1000', OFFER_SECONDS: '400' }, clock);
    try {
      const orderId = await carry(core);
      await core.event(orderId, 'order.payment_captured');
      const silent = (await place(core)).order.orderId;
      const cancelled = await core.event(silent, 'order.cancelled');
      expect(cancelled.order.cancelReason).toBe('restaurant_silent');
      const { placedAtMs } = await core.core.viewOrder(silent, actor('customer', 'anna'));
      // 300 city seconds are 0.3 s: not before, and not ten minutes off.
      const tookMs = cancelled.atMs - placedAtMs;
      expect(tookMs).toBeGreaterThanOrEqual(300);
      expect(tookMs).toBeLessThan(60_000);
      expect(await core.broken()).toEqual([]);
    } finally {
      await core.stop();
    }
  },
);

/** A network that can swallow everything without closing anything. */
class Tunnel {
  readonly #server = createServer((socket) => this.#through(socket));
  readonly #target: { host: string; port: number };
  readonly #sockets = new Set<Socket>();
  swallows = false;

  constructor(target: { host: string; port: number }) {
    this.#target = target;
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #through(inner: Socket): void {
    const outer = connect(this.#target);
    for (const [from, to] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (bytes) => {
        if (!this.swallows) to.write(bytes);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}

test('R12: a database behind a dead connection holds nobody for more than its timeout', async () => {
  const testDatabase: TestDatabase = await createTestDatabase();
  const url = new URL(testDatabase.url);
  const tunnel = new Tunnel({ host: url.hostname, port: Number(url.port) });
  url.port = String(await tunnel.listen());
  const database = new Database({
    url: url.href,
    poolSize: 4,
    log: createLogger('silent'),
    random: systemRandom,
  });
  const one = { name: 'test_one', text: 'SELECT 1 AS n' };
  try {
    expect(await database.query(one)).toEqual([{ n: 1 }]);
    tunnel.swallows = true;
    const asked = await Promise.allSettled(Array.from({ length: 8 }, () => database.query(one)));
    expect(asked.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 'rejected'));
    tunnel.swallows = false;
    // None of the dead connections is given to the next caller.
    expect(await database.query(one)).toEqual([{ n: 1 }]);
  } finally {
    tunnel.close();
    await database.close();
    await testDatabase.close();
  }
});

let core: TestCore;
beforeAll(async () => {
  core = await startTestCore({});
});
afterAll(() => core.stop());

test('an order whose provider is left alone is queued, and no try is used up by that', async () => {
  // More than there are tries.
  core.bank.pauses = 12;
  const { orderId } = (await place(core)).order;
  await core.event(orderId, 'order.paid');
  expect(core.bank.pauses).toBe(0);
  expect(await core.broken()).toEqual([]);
});

async function buriedCapture(): Promise<{ orderId: string; id: string }> {
  core.bank.refuses = true;
  const orderId = await carry(core);
  const find = async () =>
    (await listDeadLetters(core.database, { all: false, limit: 10 })).find(
      (letter) => letter.orderId === orderId,
    )?.id ?? null;
  await expect.poll(find, { timeout: 10_000 }).not.toBeNull();
  core.bank.refuses = false;
  return { orderId, id: (await find()) ?? '' };
}

test('a capture that fails for good holds up nobody, waits for a person, and is done when told', async () => {
  const { orderId, id } = await buriedCapture();
  const { state } = await core.core.viewOrder(orderId, actor('customer', 'anna'));
  expect(state).toBe('DELIVERED');
  expect(await core.broken()).toEqual([]);
  const { letter, history } = await showDeadLetter(core.database, id);
  expect(letter).toMatchObject({ step: 'capture_payment', attempts: 1, discarded: null });
  expect(history.map(({ action }) => action)).toContain('order.delivered');
  await replayDeadLetter(core.database, id, 'shell:tester');
  await core.event(orderId, 'order.payment_captured');
  await expect(replayDeadLetter(core.database, id, 'shell:tester')).rejects.toMatchObject({
    code: 'dead_letter_unknown',
  });
  expect(await core.broken()).toEqual([]);
});

test('a dead letter that somebody has settled elsewhere stays on record', async () => {
  const { id } = await buriedCapture();
  await discardDeadLetter(core.database, id, { by: 'shell:tester', why: 'paid by bank transfer' });
  expect(
    (await listDeadLetters(core.database, { all: false, limit: 10 })).map((l) => l.id),
  ).toEqual([]);
  const [kept] = await listDeadLetters(core.database, { all: true, limit: 10 });
  expect(kept?.discarded).toMatchObject({ by: 'shell:tester', why: 'paid by bank transfer' });
});
