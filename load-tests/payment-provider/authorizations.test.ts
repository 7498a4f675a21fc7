import { afterEach, beforeEach, expect, test } from 'vitest';
import { asOf, createIntent } from './intents.ts';
import { isRefusal } from './objects.ts';
import { ProviderBench } from './provider.test-kit.ts';
import { WebhookListener } from './webhooks.test-kit.ts';

let listener: WebhookListener;
let bench: ProviderBench;
beforeEach(async () => {
  listener = await WebhookListener.start();
  bench = await ProviderBench.start({ authorizationSeconds: 1, webhooks: listener.target });
});
afterEach(async () => {
  await bench.stop();
  await listener.stop();
});

const LAPSED = { status: 'canceled', cancellation_reason: 'automatic', amount_capturable: 0 };

test('an authorization that nobody looks at lapses, is told of, and cannot be captured', async () => {
  const { id } = await bench.authorize('forgotten');
  await expect.poll(() => listener.types, { timeout: 10_000 }).toContain('payment_intent.canceled');
  expect(listener.heard.at(-1)?.event.data.object).toMatchObject({ id, ...LAPSED });
  const { paymentIntents, refunds } = bench.stripe();
  const unexpected = {
    type: 'StripeInvalidRequestError',
    statusCode: 400,
    code: 'payment_intent_unexpected_state',
    payment_intent: { id, ...LAPSED },
  };
  await expect(paymentIntents.capture(id)).rejects.toMatchObject(unexpected);
  await expect(paymentIntents.cancel(id)).rejects.toMatchObject(unexpected);
  await expect(refunds.create({ payment_intent: id })).rejects.toMatchObject(unexpected);
});

test('what has lapsed stays so after a kill, and is told of once', async () => {
  const { id } = await bench.authorize('lapsed');
  await expect.poll(() => listener.types, { timeout: 10_000 }).toContain('payment_intent.canceled');
  await expect.poll(() => bench.webhooksWaiting(), { timeout: 10_000 }).toBe(0);
  await bench.kill();
  await bench.startAgain({ webhooks: listener.target });
  expect(await bench.stripe().paymentIntents.retrieve(id)).toMatchObject(LAPSED);
  expect(await bench.ledger()).toMatchObject([LAPSED]);
  await bench.authorize('later');
  await expect.poll(() => listener.orderIds, { timeout: 10_000 }).toContain('later');
  expect(listener.types.filter((type) => type === 'payment_intent.canceled')).toHaveLength(1);
});

test('what was captured in time does not lapse', async () => {
  await bench.kill();
  await bench.startAgain({ authorizationSeconds: 600 });
  const captured = await bench.captured('in-time');
  const { id } = await bench.authorize('too-late');
  await bench.kill();
  await bench.startAgain({ authorizationSeconds: 1 });
  const { paymentIntents } = bench.stripe();
  await expect
    .poll(async () => (await paymentIntents.retrieve(id)).status, { timeout: 10_000 })
    .toBe('canceled');
  expect(await paymentIntents.retrieve(captured)).toMatchObject({ status: 'succeeded' });
});

test('an authorization holds for all of its seconds, and not one more', () => {
  const form = {
    amount: '100',
    currency: 'eur',
    payment_method: 'pm_card_visa',
    confirm: 'true',
    capture_method: 'manual',
  };
  const intent = createIntent(new Map(Object.entries(form)), { id: 'pi_1', createdSeconds: 50 });
  if (isRefusal(intent)) throw new Error(intent.error.message);
  expect(asOf(intent, 60, 10)).toBe(intent);
  expect(asOf(intent, 61, 10)).toMatchObject({ ...LAPSED, canceled_at: 60 });
});
