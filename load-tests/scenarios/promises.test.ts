import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ServerMessage } from '../../protocol/index.ts';
import { newId, systemClock, type CrashPoint } from '../../runtime/index.ts';
import { TestCity } from './city.test-kit.ts';

/** What the engine promises, each tried with a real engine that dies in the worst moment. */
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start({ OFFER_SECONDS: '4' }, 'own');
});
afterEach(async () => {
  city.empty();
  // A test that failed between a death and the new life is one failure, not all that follow.
  if (isArmed || !city.engine.isRunning) await disarmed();
  // oxlint-disable-next-line vitest/no-standalone-expect -- holds after every test
  await expect.poll(() => city.broken(), { timeout: 15_000 }).toEqual([]);
});
afterAll(() => city.stop());

const soupHouse = ['restaurant', 'soup-house'] as const;

/** The engine of now dies at a point. */
let isArmed = false;

/**
 * The engine's next life ends where `at` says, at its `pass`th time there, and by what the test does:
 * no event or step is left that could come there first.
 */
async function armed(at: CrashPoint, pass = 1): Promise<void> {
  await city.quiet();
  await city.engine.kill();
  await city.engine.restart({ CRASH_AT: `${at}:${pass}` });
  isArmed = true;
}

async function disarmed(): Promise<void> {
  await city.engine.kill();
  await city.engine.restart();
  isArmed = false;
}

/** Waits for the death, and starts it again without one. @returns what was asked before, and is asked until then */
async function reborn<Answer>(asked: Promise<Answer>): Promise<Answer> {
  const newLife = async (): Promise<void> => {
    await city.engine.died(15_000);
    await disarmed();
  };
  const [answer] = await Promise.all([asked, newLife()]);
  return answer;
}

async function ledger(): Promise<{ orderId: string; status: string; received: number }[]> {
  const answer = await fetch(`${city.engine.facts.paymentApiUrl}/_ledger`);
  const { intents } = (await answer.json()) as {
    intents: { status: string; amount_received: number; metadata: { order_id: string } }[];
  };
  return intents.map(({ status, amount_received: received, metadata }) => ({
    orderId: metadata.order_id,
    status,
    received,
  }));
}

async function faults(what: Record<string, number>): Promise<void> {
  const url = `${city.engine.facts.paymentApiUrl}/_faults`;
  await fetch(url, { method: 'POST', body: JSON.stringify(what) });
}

async function settles(orderId: string, state: string, payment: string): Promise<void> {
  await expect
    .poll(
      async () => {
        const view = await city.view(orderId);
        return `${view.state} ${view.payment.state}`;
      },
      { timeout: 30_000 },
    )
    .toBe(`${state} ${payment}`);
}

async function paidOrder(): Promise<string> {
  const { orderId } = await city.order();
  await settles(orderId, 'PAID', 'authorized');
  return orderId;
}

test('R1: an order that was stored and never answered is the same order when it is asked again', async () => {
  await armed('order-stored');
  const key = newId<string>();
  const api = await city.api('customer', 'anna');
  const request = {
    restaurantId: 'soup-house',
    items: [{ itemId: 'soup', quantity: 1 }],
    dropoff: { place: { lat: 52.51, lng: 13.41 }, address: 'Elm Street 1' },
    paymentToken: 'pm_card_visa',
  };
  const placing = api.placeOrder(request, key);
  const { orderId } = await reborn(placing);
  expect((await api.placeOrder(request, key)).orderId).toBe(orderId);
  await settles(orderId, 'PAID', 'authorized');
  expect((await ledger()).filter((entry) => entry.orderId === orderId)).toHaveLength(1);
});

test.each(['step-claimed', 'step-performed', 'change-committed'] as const)(
  'R2: an engine that dies at %s holds and takes the money once',
  async (at) => {
    const courier = await city.courierAt('near', { lat: 52.521, lng: 13.401 });
    await armed(at);
    const placing = city.order();
    const { orderId } = await reborn(placing);
    await settles(orderId, 'PAID', 'authorized');
    const restaurant = await city.person(...soupHouse);
    await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 0 });
    await restaurant.socket.send({ type: 'start_preparation', orderId });
    await restaurant.socket.send({ type: 'mark_ready', orderId });
    courier.isAt({ lat: 52.521, lng: 13.401 });
    const { offer } = await courier.hears('offer', (m) => m.offer.orderId === orderId);
    await courier.socket.send({ type: 'accept_offer', orderId, offerId: offer.offerId });
    await faults({ loseAnswers: 2, failAfterEffect: 1 });
    for (const type of ['pick_up', 'depart', 'deliver'] as const) {
      await courier.socket.send({ type, orderId });
    }
    await settles(orderId, 'DELIVERED', 'captured');
    const { totalMinor } = await city.view(orderId);
    expect((await ledger()).filter((entry) => entry.orderId === orderId)).toEqual([
      { orderId, status: 'succeeded', received: totalMinor },
    ]);
  },
);

function sequenceIn(snapshot: Extract<ServerMessage, { type: 'snapshot' }>): number {
  return snapshot.orders[0]?.sequence ?? 0;
}

/**
 * Up to which event somebody knows an order, by a snapshot or event by event, and where what they heard was
 * not the next of what they knew.
 */
function knowledgeOf(messages: readonly ServerMessage[]): { known: number; gaps: string[] } {
  let known = 0;
  const gaps: string[] = [];
  for (const message of messages) {
    if (message.type === 'snapshot') known = sequenceIn(message);
    if (message.type !== 'order_event') continue;
    if (message.sequence !== known + 1) gaps.push(`${message.sequence} after ${known}`);
    known = message.sequence;
  }
  return { known, gaps };
}

test.each(['relay-taken', 'relay-published', 'consumer-applied'] as const)(
  'R4, R5: whoever listens over a death at %s hears every event, in order, once',
  async (at) => {
    const orderId = await paidOrder();
    const anna = await city.person('customer', 'anna');
    await anna.socket.subscribe(`order:${orderId}`);
    await armed(at);
    const api = await city.api(...soupHouse);
    const accept = { type: 'accept_order', preparationSeconds: 60 } as const;
    // The death may come before the answer does.
    const accepting = api.command(orderId, accept, newId<string>());
    const confirmed = await reborn(accepting);
    await anna.hears('snapshot', (m) => sequenceIn(m) >= confirmed.sequence);
    await api.command(orderId, { type: 'start_preparation' }, newId<string>());
    const ready = await api.command(orderId, { type: 'mark_ready' }, newId<string>());
    // Who comes back later than that is told by a snapshot.
    await expect
      .poll(() => knowledgeOf(anna.messages), { timeout: 30_000 })
      .toEqual({ known: ready.sequence, gaps: [] });
    const { timeline } = await city.view(orderId);
    const types = timeline.map(({ type }) => type);
    expect(types.filter((type) => type === 'order.confirmed')).toHaveLength(1);
    const operator = await city.api('operator', 'olga');
    await operator.command(orderId, { type: 'operator_cancel', why: 'end of test' }, newId());
    await settles(orderId, 'CANCELLED', 'voided');
  },
);

test('R7: a deadline that passes while the engine stands still acts once, and a late answer is late', async () => {
  const courier = await city.courierAt('near', { lat: 52.521, lng: 13.401 });
  const orderId = await paidOrder();
  const restaurant = await city.person(...soupHouse);
  await restaurant.socket.send({ type: 'accept_order', orderId, preparationSeconds: 600 });
  const { offer } = await courier.hears('offer', (m) => m.offer.orderId === orderId);
  await courier.socket.send({ type: 'set_duty', onDuty: false });
  city.engine.signal('SIGSTOP');
  const late = courier.socket
    .send({ type: 'accept_offer', orderId, offerId: offer.offerId })
    .catch((error: unknown) => error);
  await expect.poll(() => Math.max(0, 4_500 - sinceOffer()), { timeout: 10_000 }).toBe(0);
  city.engine.signal('SIGCONT');
  expect(await late).toMatchObject({ code: 'offer_gone' });
  await restaurant.hearsEvent(orderId, 'order.offer_expired');
  const { timeline } = await city.view(orderId);
  expect(timeline.filter(({ type }) => type === 'order.offer_expired')).toHaveLength(1);
  const operator = await city.api('operator', 'olga');
  await operator.command(orderId, { type: 'operator_cancel', why: 'end of test' });

  function sinceOffer(): number {
    return 4_000 + systemClock.nowMs() - offer.expiresAtMs;
  }
});

test('R7: a deadline that was found before a death acts after it', async () => {
  const orderId = await paidOrder();
  const courier = await city.courierAt('near', { lat: 52.521, lng: 13.401 });
  await armed('timer-found');
  await courier.hears('welcome');
  const again = setInterval(() => courier.isAt({ lat: 52.521, lng: 13.401 }), 500);
  const api = await city.api(...soupHouse);
  const accept = { type: 'accept_order', preparationSeconds: 600 } as const;
  const accepting = api.command(orderId, accept, newId<string>());
  await reborn(accepting);
  clearInterval(again);
  await expect
    .poll(async () => (await city.view(orderId)).timeline.map(({ type }) => type), {
      timeout: 15_000,
    })
    .toContain('order.offer_expired');
  const operator = await city.api('operator', 'olga');
  await operator.command(orderId, { type: 'operator_cancel', why: 'end of test' });
});

test('R11: a compensation goes on through a provider that is down and an engine that dies', async () => {
  const orderId = await paidOrder();
  await armed('step-performed');
  const api = await city.api(...soupHouse);
  await faults({ failRequests: 3 });
  const reject = { type: 'reject_order', reason: 'closing' } as const;
  const rejecting = api.command(orderId, reject, newId<string>());
  await reborn(rejecting);
  await settles(orderId, 'CANCELLED', 'voided');
  expect((await ledger()).filter((entry) => entry.orderId === orderId)).toEqual([
    { orderId, status: 'canceled', received: 0 },
  ]);
});

test('R12: a payment that hangs is given up in time and made good later', async () => {
  await faults({ delayMs: 60_000 });
  const { orderId } = await city.order();
  await expect
    .poll(async () => await readFile(join(city.directory, 'engine.log'), 'utf8'), {
      timeout: 20_000,
      interval: 200,
    })
    .toMatch(new RegExp(`"orderId":"${orderId}".*saga step failed; will try again`));
  await faults({});
  await settles(orderId, 'PAID', 'authorized');
});
