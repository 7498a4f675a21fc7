import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stripe } from 'stripe';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** The provider's own process, spoken to by Stripe's own SDK. */
let directory = '';
let child: ChildProcess;
let stripe: Stripe;
let url = '';

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hexfleet provider '));
  await start();
});
afterAll(async () => {
  await end('SIGTERM');
  await rm(directory, { recursive: true });
});

async function start(): Promise<void> {
  const main = join(import.meta.dirname, 'main.ts');
  child = spawn(process.execPath, [main, '--port', '0', '--data-dir', directory], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [ready] = (await once(child, 'message')) as [{ port: number }];
  url = `http://127.0.0.1:${ready.port}`;
  const where = { host: '127.0.0.1', port: ready.port, protocol: 'http' } as const;
  stripe = new Stripe('sk_test_1', { ...where, maxNetworkRetries: 0, telemetry: false });
}

async function end(signal: NodeJS.Signals): Promise<void> {
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

async function setFaults(faults: object): Promise<void> {
  await fetch(`${url}/_faults`, { method: 'POST', body: JSON.stringify(faults) });
}

async function countOf(orderId: string): Promise<number> {
  const all = await stripe.paymentIntents.list({ limit: 100 }).autoPagingToArray({ limit: 1_000 });
  return all.filter((intent) => intent.metadata['order_id'] === orderId).length;
}

function authorize(orderId: string, facts: object = {}, key = orderId) {
  return stripe.paymentIntents.create(
    {
      amount: 1_200,
      currency: 'eur',
      payment_method: 'pm_card_visa',
      confirm: true,
      capture_method: 'manual',
      automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      metadata: { order_id: orderId },
      ...facts,
    },
    { idempotencyKey: key },
  );
}

test('money is held, then taken; and cannot be taken twice', async () => {
  const held = await authorize('take');
  expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 1_200 });
  const taken = await stripe.paymentIntents.capture(held.id);
  expect(taken).toMatchObject({ status: 'succeeded', amount_received: 1_200 });
  await expect(stripe.paymentIntents.capture(held.id)).rejects.toMatchObject({
    code: 'payment_intent_unexpected_state',
  });
  await expect(stripe.paymentIntents.cancel(held.id)).rejects.toMatchObject({ statusCode: 400 });
});

test('money is held, then released; a part may be taken, more may not', async () => {
  const held = await authorize('release');
  expect(await stripe.paymentIntents.cancel(held.id)).toMatchObject({ status: 'canceled' });
  const part = await authorize('part');
  await expect(
    stripe.paymentIntents.capture(part.id, { amount_to_capture: 1_201 }),
  ).rejects.toMatchObject({ statusCode: 400 });
  const taken = await stripe.paymentIntents.capture(part.id, { amount_to_capture: 600 });
  expect(taken).toMatchObject({ amount_received: 600, amount_capturable: 0 });
});

test('a refused card is refused again under the same key', async () => {
  const bad = { payment_method: 'pm_card_chargeDeclinedInsufficientFunds' };
  for (const _time of [1, 2]) {
    await expect(authorize('refused', bad)).rejects.toMatchObject({
      type: 'StripeCardError',
      decline_code: 'insufficient_funds',
    });
  }
});

test('the same key is the same payment, also after the provider was killed', async () => {
  const first = await authorize('again');
  await end('SIGKILL');
  // What a crash in the middle of a write leaves.
  await appendFile(join(directory, 'ledger.jsonl'), '{"key":"half');
  await start();
  expect((await authorize('again')).id).toBe(first.id);
  expect(await countOf('again')).toBe(1);
});

test('the same key for something else is refused', async () => {
  await authorize('key');
  await expect(authorize('key', { amount: 99 })).rejects.toMatchObject({
    type: 'StripeIdempotencyError',
  });
});

test('a lost answer has taken effect; asking again gives it', async () => {
  // More than one: the SDK itself asks again once, over a new connection.
  await setFaults({ loseAnswers: 10 });
  await expect(authorize('lost')).rejects.toMatchObject({ type: 'StripeConnectionError' });
  await setFaults({});
  expect((await authorize('lost')).status).toBe('requires_capture');
  expect(await countOf('lost')).toBe(1);
});

test('a failure has had no effect', async () => {
  await setFaults({ failRequests: 1 });
  await expect(authorize('failed')).rejects.toMatchObject({ statusCode: 500 });
  expect(await countOf('failed')).toBe(0);
});

test('the books are given in pages, newest first', async () => {
  for (const n of ['p1', 'p2', 'p3']) await authorize(n);
  const page = await stripe.paymentIntents.list({ limit: 2 });
  expect(page.data.map((intent) => intent.metadata['order_id'])).toEqual(['p3', 'p2']);
  expect(page.has_more).toBe(true);
  const all = await stripe.paymentIntents.list({ limit: 2 }).autoPagingToArray({ limit: 1_000 });
  expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  const books = (await (await fetch(`${url}/_ledger`)).json()) as { intents: unknown[] };
  expect(books.intents).toHaveLength(all.length);
});
