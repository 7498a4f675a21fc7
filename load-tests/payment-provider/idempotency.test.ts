import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProviderBench } from './provider.test-kit.ts';

let bench: ProviderBench;
beforeEach(async () => {
  bench = await ProviderBench.start();
});
afterEach(() => bench.stop());

/** Until so many writes have claimed their keys. */
async function untilUnderWay(requests: number): Promise<void> {
  await expect.poll(() => bench.requestsUnderWay(), { timeout: 10_000 }).toBe(requests);
}

test('the same key and request get the same answer, also after a kill', async () => {
  const first = await bench.authorize('order-1');
  await bench.kill();
  await bench.startAgain();
  const again = await bench.authorize('order-1');
  expect(again).toEqual(first);
  expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
  expect(again.lastResponse.headers['idempotency-key']).toBe('order-1');
  expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
  expect(await bench.ledger()).toHaveLength(1);
});

test('a replay is the answer of then, whatever happened since', async () => {
  const first = await bench.authorize('order-1');
  await bench.stripe().paymentIntents.capture(first.id);
  expect(await bench.authorize('order-1')).toMatchObject({ status: 'requires_capture' });
  expect(await bench.ledger()).toMatchObject([{ status: 'succeeded' }]);
});

test('the same key with other parameters is refused', async () => {
  const { id } = await bench.authorize('order-1', { amount: 2_500 });
  const misused = { type: 'StripeIdempotencyError', statusCode: 400 };
  await expect(bench.authorize('order-1', { amount: 2_600 })).rejects.toMatchObject(misused);
  const capture = bench.stripe().paymentIntents.capture(id, {}, { idempotencyKey: 'order-1' });
  await expect(capture).rejects.toMatchObject(misused);
  expect(await bench.ledger()).toMatchObject([{ amount: 2_500, status: 'requires_capture' }]);
});

test('a request that could not be understood leaves its key free', async () => {
  await expect(bench.authorize('order-1', { amount: 0 })).rejects.toMatchObject({
    param: 'amount',
  });
  expect(await bench.authorize('order-1', { amount: 100 })).toMatchObject({ amount: 100 });
});

test('a key whose first request is under way gets 409, and other keys go on', async () => {
  await bench.order({ delayMs: 600_000 });
  const hanging = bench.authorize('order-1');
  await untilUnderWay(1);
  await expect(bench.authorize('order-1')).rejects.toMatchObject({
    statusCode: 409,
    code: 'idempotency_key_in_use',
  });
  const other = bench.authorize('order-2');
  await untilUnderWay(2);
  await bench.order({});
  const [first, second] = await Promise.all([hanging, other]);
  expect(first.id).not.toBe(second.id);
  expect(await bench.ledger()).toHaveLength(2);
});
