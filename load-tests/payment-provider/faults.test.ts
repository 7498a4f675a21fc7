import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ProviderBench } from './provider.test-kit.ts';

let bench: ProviderBench;
beforeAll(async () => {
  bench = await ProviderBench.start();
});
afterEach(() => bench.order({}));
afterAll(() => bench.stop());

async function bookedFor(orderId: string): Promise<number> {
  const intents = await bench.ledger();
  return intents.filter(({ metadata }) => metadata['order_id'] === orderId).length;
}

test('one lost answer is fetched again by the SDK itself, and charges once', async () => {
  await bench.order({ loseAnswers: 1 });
  const { lastResponse } = await bench.authorize('lost-once');
  expect(lastResponse.headers['idempotent-replayed']).toBe('true');
  expect(await bookedFor('lost-once')).toBe(1);
});

test('what is refused has no effect, so it does not use up a lost answer', async () => {
  await bench.order({ loseAnswers: 2 });
  const wrong = bench.authorize('refused', { amount: 0 });
  await expect(wrong).rejects.toMatchObject({ statusCode: 400 });
  await expect(bench.authorize('refused')).rejects.toMatchObject({ type: 'StripeConnectionError' });
});

test('an answer that comes twice is one payment, and the next answer belongs to its request', async () => {
  await bench.order({ answerTwice: 1 });
  const { id } = await bench.authorize('doubled');
  const other = await bench.authorize('after-doubled');
  expect(other.metadata).toMatchObject({ order_id: 'after-doubled' });
  expect(other.id).not.toBe(id);
  expect(await bookedFor('doubled')).toBe(1);
});

test('a request that hangs when its client gives up takes effect in the end', async () => {
  await bench.order({ delayMs: 600_000 });
  const leaving = new AbortController();
  const request = fetch(new URL('/v1/payment_intents', bench.url), {
    method: 'POST',
    headers: { Authorization: 'Bearer sk_test', 'Idempotency-Key': 'hung' },
    body: new URLSearchParams({
      amount: '100',
      currency: 'eur',
      payment_method: 'pm_card_visa',
      confirm: 'true',
      capture_method: 'manual',
      'metadata[order_id]': 'hung',
    }),
    signal: leaving.signal,
  });
  await expect.poll(() => bench.requestsUnderWay(), { timeout: 10_000 }).toBe(1);
  leaving.abort();
  await expect(request).rejects.toThrow('abort');
  expect(await bookedFor('hung')).toBe(0);
  await bench.order({});
  await expect.poll(() => bookedFor('hung'), { timeout: 10_000 }).toBe(1);
});

test('a request that fails after its effect is answered when it is asked again, and charges once', async () => {
  await bench.order({ failAfterEffect: 1 });
  const failed = bench.authorize('failed-late');
  await expect(failed).rejects.toMatchObject({ type: 'StripeAPIError', statusCode: 500 });
  expect(await bookedFor('failed-late')).toBe(1);
  const { lastResponse } = await bench.authorize('failed-late');
  expect(lastResponse.headers['idempotent-replayed']).toBe('true');
  expect(await bookedFor('failed-late')).toBe(1);
});

test('what has no effect does not fail after it', async () => {
  await bench.order({ failAfterEffect: 1 });
  const wrong = bench.authorize('refused-late', { amount: 0 });
  await expect(wrong).rejects.toMatchObject({ statusCode: 400 });
  expect(await bench.faults()).toMatchObject({ failAfterEffect: 1 });
});

test('an answer that is late comes after its effect, and its key is free for the next try', async () => {
  await bench.order({ hangAfterEffectMs: 600_000 });
  const late = bench.authorize('late');
  await expect.poll(() => bookedFor('late'), { timeout: 10_000 }).toBe(1);
  expect(await bench.requestsUnderWay()).toBe(0);
  await bench.order({});
  const again = await bench.authorize('late');
  expect((await late).id).toBe(again.id);
  expect(await bookedFor('late')).toBe(1);
});

test('a refund whose answers are lost is booked once', async () => {
  const payment_intent = await bench.captured('refund-lost');
  await bench.order({ loseAnswers: 2 });
  const refund = () =>
    bench.stripe().refunds.create({ payment_intent }, { idempotencyKey: 'refund-lost:refund' });
  await expect(refund()).rejects.toMatchObject({ type: 'StripeConnectionError' });
  const { id } = await refund();
  const booked = (await bench.refunds()).filter((entry) => entry.payment_intent === payment_intent);
  expect(booked).toMatchObject([{ id, amount: 2_500 }]);
});

test.each([
  '{"failRequest":1}',
  '{"loseAnswers":-1}',
  '{"dropWebhooks":1.5}',
  '{"forgeWebhooks":"1"}',
  '{"hangAfterEffectMs":600001}',
  '[]',
  'no json',
])('orders that are not understood, %s, change nothing', async (body) => {
  await bench.order({ loseAnswers: 3 });
  expect((await bench.post('/_faults', body)).status).toBe(400);
  expect(await bench.faults()).toMatchObject({ loseAnswers: 3, failRequests: 0 });
});
