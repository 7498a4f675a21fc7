import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ProviderBench } from './provider.test-kit.ts';

let bench: ProviderBench;
beforeAll(async () => {
  bench = await ProviderBench.start();
});
afterAll(() => bench.stop());

test('more than was authorized cannot be captured, and the authorization stays', async () => {
  const intents = bench.stripe().paymentIntents;
  const { id } = await bench.authorize('greedy', { amount: 2_500 });
  await expect(intents.capture(id, { amount_to_capture: 2_501 })).rejects.toMatchObject({
    code: 'amount_too_large',
    param: 'amount_to_capture',
  });
  expect(await intents.retrieve(id)).toMatchObject({ amount_capturable: 2_500 });
});

test('of captures and cancels at the same time, exactly one succeeds', async () => {
  const intents = bench.stripe().paymentIntents;
  const actions = fc.array(fc.constantFrom('capture', 'cancel'), { minLength: 2, maxLength: 8 });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(actions, async (together) => {
      const { id } = await bench.authorize(`together-${++run}`);
      const outcomes = await Promise.allSettled(together.map((action) => intents[action](id)));
      const done = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      expect(done).toHaveLength(1);
      expect((await intents.retrieve(id)).status).toBe(done[0]?.value.status);
    }),
    { numRuns: 25 },
  );
});

test.each([
  ['pm_card_chargeDeclined', 'generic_decline'],
  ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card'],
])('%s is declined: %s, and nothing is booked', async (card, declineCode) => {
  const intents = (await bench.ledger()).length;
  await expect(bench.authorize(card, { card })).rejects.toMatchObject({
    type: 'StripeCardError',
    statusCode: 402,
    code: 'card_declined',
    decline_code: declineCode,
  });
  expect(await bench.ledger()).toHaveLength(intents);
});

test.each([
  ['amount', { amount: 0, currency: 'eur', payment_method: 'pm_card_visa' }],
  ['currency', { amount: 100, currency: 'EURO', payment_method: 'pm_card_visa' }],
  ['payment_method', { amount: 100, currency: 'eur', payment_method: 'visa' }],
])('a wrong %s is refused by name', async (param, wrong) => {
  const asked = { ...wrong, confirm: true, capture_method: 'manual' as const };
  await expect(bench.stripe().paymentIntents.create(asked)).rejects.toMatchObject({
    type: 'StripeInvalidRequestError',
    statusCode: 400,
    param,
  });
});

test('an intent that does not exist is missing, and a key that is none is refused', async () => {
  await expect(bench.stripe().paymentIntents.capture('pi_none')).rejects.toMatchObject({
    statusCode: 404,
    code: 'resource_missing',
  });
  const stranger = bench.stripe('pk_public');
  await expect(stranger.paymentIntents.list()).rejects.toMatchObject({
    type: 'StripeAuthenticationError',
    statusCode: 401,
  });
});

test('a page after an intent that does not exist, or of no sensible size, is refused', async () => {
  const { paymentIntents } = bench.stripe();
  await expect(paymentIntents.list({ starting_after: 'pi_none' })).rejects.toMatchObject({
    code: 'resource_missing',
  });
  for (const limit of [0, 101, 1.5]) {
    await expect(paymentIntents.list({ limit })).rejects.toMatchObject({ param: 'limit' });
  }
});
