import { appendFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProviderBench } from './provider.test-kit.ts';
import { WebhookListener } from './webhooks.test-kit.ts';

const SOON = { timeout: 15_000 };
/** No answer for as long as a test runs, each one being waited for by the sender for 3 s. */
const MUTE = Array.from({ length: 10 }, () => 'silence' as const);

let listener: WebhookListener;
let bench: ProviderBench;
beforeEach(async () => {
  listener = await WebhookListener.start();
  bench = await ProviderBench.start({ webhooks: listener.target });
});
afterEach(async () => {
  await bench.stop();
  await listener.stop();
});

test("each change is told in order, as an event that Stripe's SDK takes for genuine", async () => {
  const { paymentIntents, refunds } = bench.stripe();
  const first = await bench.captured('first');
  const refund = await refunds.create({ payment_intent: first, metadata: { order_id: 'first' } });
  const second = await bench.authorize('second');
  await paymentIntents.cancel(second.id, { cancellation_reason: 'abandoned' });
  await expect(paymentIntents.capture(second.id)).rejects.toThrow('canceled');
  const refused = bench.authorize('third', { card: 'pm_card_chargeDeclined' });
  await expect(refused).rejects.toThrow('declined');

  await expect.poll(() => listener.heard.length, SOON).toBe(6);
  expect(listener.heard.every(({ genuine }) => genuine)).toBe(true);
  const told = listener.heard.map(({ event }) => [event.type, event.data.object]);
  expect(told).toMatchObject([
    ['payment_intent.amount_capturable_updated', { id: first, status: 'requires_capture' }],
    ['payment_intent.succeeded', { id: first, amount_received: 2_500 }],
    ['refund.created', { id: refund.id, object: 'refund', amount: 2_500, payment_intent: first }],
    ['payment_intent.amount_capturable_updated', { id: second.id }],
    ['payment_intent.canceled', { id: second.id, cancellation_reason: 'abandoned' }],
    [
      'payment_intent.payment_failed',
      {
        status: 'requires_payment_method',
        metadata: { order_id: 'third' },
        last_payment_error: { code: 'card_declined', decline_code: 'generic_decline' },
      },
    ],
  ]);
  expect(new Set(listener.heard.map(({ id }) => id)).size).toBe(6);
  expect(listener.heard[0]?.event).toMatchObject({
    object: 'event',
    created: expect.any(Number) as number,
    request: { idempotency_key: 'first' },
  });
  await expect
    .poll(() => bench.health(), SOON)
    .toMatchObject({
      webhooksWaiting: 0,
      webhooks: { delivered: 6 },
    });
});

test('a replayed answer is no new event', async () => {
  await bench.authorize('once');
  await bench.authorize('once');
  await bench.authorize('next');
  await expect.poll(() => listener.orderIds, SOON).toEqual(['once', 'next']);
});

test.each([500, 400, 302, 'silence'] as const)(
  'an event that is answered with %s is sent again, before those after it',
  async (answer) => {
    listener.answers.push(answer);
    await bench.authorize('first');
    await bench.authorize('second');
    await expect.poll(() => listener.orderIds, SOON).toEqual(['first', 'first', 'second']);
    expect(listener.heard[1]?.id).toBe(listener.heard[0]?.id);
  },
);

test('what waits survives a kill, and what was delivered is not sent again', async () => {
  await bench.authorize('delivered');
  await expect.poll(() => bench.health(), SOON).toMatchObject({ webhooks: { delivered: 1 } });
  await expect.poll(() => bench.webhooksWaiting(), SOON).toBe(0);
  listener.answers.push(...MUTE);
  for (const orderId of ['a', 'b', 'c']) await bench.authorize(orderId);
  await expect.poll(() => listener.orderIds, SOON).toContain('a');
  expect(await bench.webhooksWaiting()).toBe(3);
  await bench.kill();
  const before = listener.heard.splice(0);
  listener.answers.length = 0;
  await bench.startAgain();
  await expect.poll(() => listener.orderIds, SOON).toEqual(['a', 'b', 'c']);
  expect(listener.heard[0]?.event).toEqual(before.at(-1)?.event);
  await expect.poll(() => bench.webhooksWaiting(), SOON).toBe(0);
});

test('an event whose listener is away waits, and says why', async () => {
  await bench.kill();
  await bench.startAgain({ webhooks: { url: 'http://127.0.0.1:9/', secret: 'whsec_nobody' } });
  await bench.authorize('unheard');
  await expect
    .poll(() => bench.health(), SOON)
    .toMatchObject({
      webhooksWaiting: 1,
      webhooks: { delivered: 0, lastFailure: expect.any(String) as string },
    });
  await bench.kill();
  await bench.startAgain({ webhooks: listener.target });
  await expect.poll(() => listener.orderIds, SOON).toEqual(['unheard']);
});

test('without a listener nothing waits', async () => {
  await bench.kill();
  await bench.startAgain({});
  await bench.authorize('silent');
  expect(await bench.health()).toMatchObject({ webhooksWaiting: 0, webhooks: null });
});

test('when 100,000 events wait, nothing is done that would make another', async () => {
  await bench.kill();
  const lines = Array.from({ length: 100_000 }, (_, i) => {
    const lapsed = { id: `pi_${i}`, object: 'payment_intent', status: 'canceled' };
    return `${JSON.stringify({ lapsed, event: { id: `evt_${i}`, createdSeconds: 1 } })}\n`;
  });
  await appendFile(bench.ledgerFile, lines.join(''));
  listener.answers.push(...MUTE);
  await bench.startAgain();
  await expect(bench.authorize('too-many')).rejects.toMatchObject({
    type: 'StripeRateLimitError',
    statusCode: 429,
  });
  expect(await bench.stripe().paymentIntents.retrieve('pi_7')).toMatchObject({ id: 'pi_7' });
  listener.answers.length = 0;
  await expect
    .poll(() => bench.authorize('too-many').then(({ status }) => status, String), SOON)
    .toBe('requires_capture');
});
