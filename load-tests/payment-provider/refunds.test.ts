import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProviderBench } from './provider.test-kit.ts';

let bench: ProviderBench;
beforeAll(async () => {
  bench = await ProviderBench.start();
});
afterAll(() => bench.stop());

test('a refund that names no amount gives back all that is left, and no other follows', async () => {
  const { refunds } = bench.stripe();
  const intent = await bench.captured('all', 2_500);
  await refunds.create({ payment_intent: intent, amount: 600 });
  const rest = await refunds.create({
    payment_intent: intent,
    reason: 'requested_by_customer',
    metadata: { order_id: 'all' },
  });
  expect(rest).toMatchObject({
    id: expect.stringMatching(/^re_/) as string,
    object: 'refund',
    amount: 1_900,
    currency: 'eur',
    payment_intent: intent,
    status: 'succeeded',
    reason: 'requested_by_customer',
    metadata: { order_id: 'all' },
  });
  for (const amount of [undefined, 1]) {
    const asked = { payment_intent: intent, ...(amount === undefined ? {} : { amount }) };
    await expect(refunds.create(asked)).rejects.toMatchObject({
      type: 'StripeInvalidRequestError',
      statusCode: 400,
      code: 'charge_already_refunded',
    });
  }
});

test('more than was received cannot be refunded, whatever was authorized', async () => {
  const { paymentIntents, refunds } = bench.stripe();
  const { id } = await bench.authorize('part', { amount: 2_500 });
  await paymentIntents.capture(id, { amount_to_capture: 1_000 });
  await expect(refunds.create({ payment_intent: id, amount: 1_001 })).rejects.toMatchObject({
    statusCode: 400,
    code: 'amount_too_large',
    param: 'amount',
  });
  expect(await refunds.create({ payment_intent: id })).toMatchObject({ amount: 1_000 });
});

test('of refunds at the same time, as many succeed as there is money', async () => {
  const { refunds } = bench.stripe();
  const amounts = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 2, maxLength: 6 });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(amounts, async (together) => {
      const intent = await bench.captured(`together-${++run}`, 1_000);
      const outcomes = await Promise.allSettled(
        together.map((amount) => refunds.create({ payment_intent: intent, amount })),
      );
      const booked = (await bench.refunds()).filter((refund) => refund.payment_intent === intent);
      const given = booked.reduce((sum, { amount }) => sum + amount, 0);
      const done = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      expect(done.map(({ value }) => value.id).sort()).toEqual(booked.map(({ id }) => id).sort());
      expect(given).toBeLessThanOrEqual(1_000);
      // Whoever was refused asked for more than was left in the end, or there is no sense in it.
      const refused = together.filter((_, i) => outcomes[i]?.status === 'rejected');
      for (const amount of refused) expect(amount).toBeGreaterThan(1_000 - given);
    }),
    { numRuns: 20 },
  );
});

test('the same key refunds once, and with other parameters is refused', async () => {
  const { refunds } = bench.stripe();
  const intent = await bench.captured('once');
  const refund = (amount: number) =>
    refunds.create({ payment_intent: intent, amount }, { idempotencyKey: 'once:refund' });
  const first = await refund(500);
  const again = await refund(500);
  expect(again.id).toBe(first.id);
  expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
  await expect(refund(501)).rejects.toMatchObject({ type: 'StripeIdempotencyError' });
  expect((await refunds.list({ payment_intent: intent })).data).toHaveLength(1);
});

test('what was not captured cannot be refunded', async () => {
  const { paymentIntents, refunds } = bench.stripe();
  const { id } = await bench.authorize('held');
  const unexpected = { statusCode: 400, code: 'payment_intent_unexpected_state' };
  await expect(refunds.create({ payment_intent: id })).rejects.toMatchObject(unexpected);
  await paymentIntents.cancel(id);
  await expect(refunds.create({ payment_intent: id })).rejects.toMatchObject(unexpected);
});

test('what a refund names wrongly is refused by name', async () => {
  const { refunds } = bench.stripe();
  const payment_intent = await bench.captured('named');
  await expect(refunds.create({ payment_intent, amount: 0 })).rejects.toMatchObject({
    param: 'amount',
  });
  const because = { payment_intent, reason: 'expired_uncaptured_charge' as 'duplicate' };
  await expect(refunds.create(because)).rejects.toMatchObject({ param: 'reason' });
  const missing = { statusCode: 404, code: 'resource_missing' };
  await expect(refunds.create({ payment_intent: 'pi_none' })).rejects.toMatchObject(missing);
  await expect(refunds.create({})).rejects.toMatchObject(missing);
  await expect(refunds.list({ payment_intent: 'pi_none' })).rejects.toMatchObject(missing);
  await expect(refunds.retrieve('re_none')).rejects.toMatchObject(missing);
});

test('refunds are listed newest first in pages, of one intent or of all', async () => {
  const { refunds } = bench.stripe();
  const payment_intent = await bench.captured('listed');
  const ids: string[] = [];
  for (const amount of [100, 200, 300]) {
    ids.unshift((await refunds.create({ payment_intent, amount })).id);
  }
  const other = await refunds.create({ payment_intent: await bench.captured('listed-too') });
  const walked = await refunds.list({ payment_intent, limit: 1 }).autoPagingToArray({ limit: 100 });
  expect(walked.map(({ id }) => id)).toEqual(ids);
  const page = await refunds.list({ limit: 2 });
  expect(page.data.map(({ id }) => id)).toEqual([other.id, ids[0]]);
  expect(page.has_more).toBe(true);
  const after = { payment_intent, starting_after: other.id };
  await expect(refunds.list(after)).rejects.toMatchObject({ param: 'starting_after' });
  expect(await refunds.retrieve(other.id)).toMatchObject({ id: other.id, amount: 2_500 });
});

test('refunds survive a kill: they are listed, counted, and their keys are kept', async () => {
  const { refunds } = bench.stripe();
  const payment_intent = await bench.captured('killed', 1_000);
  const key = { idempotencyKey: 'killed:refund' };
  const before = await refunds.create({ payment_intent, amount: 700 }, key);
  await bench.kill();
  await bench.startAgain();
  expect(await refunds.create({ payment_intent, amount: 700 }, key)).toEqual(before);
  await expect(refunds.create({ payment_intent, amount: 301 })).rejects.toMatchObject({
    code: 'amount_too_large',
  });
  const ofIntent = (await bench.refunds()).filter(
    (refund) => refund.payment_intent === payment_intent,
  );
  expect(ofIntent.map(({ id }) => id)).toEqual([before.id]);
});
