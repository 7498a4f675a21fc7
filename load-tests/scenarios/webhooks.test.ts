import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../runtime/index.ts';
import { freePort } from '../engine-process/index.ts';
import { startPaymentProvider } from '../payment-provider/index.ts';
import { TestCity } from './city.test-kit.ts';

const SECRET = 'whsec_scenarios_0123456789';
let city: TestCity;
beforeAll(async () => {
  city = await TestCity.start({ PAYMENT_WEBHOOK_SECRET: SECRET });
});
afterAll(() => city.stop());

async function send(body: string, signature: string): Promise<number> {
  const url = `${city.engine.facts.url}/v1/payments/webhook`;
  const headers = { 'Stripe-Signature': signature, 'Content-Type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers, body })).status;
}

function signed(body: string, { ageSeconds = 0, secret = SECRET } = {}): string {
  const t = Math.floor(systemClock.nowMs() / 1000) - ageSeconds;
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}

function event(id: string, orderId: string, object: Record<string, unknown>, type: string): string {
  const metadata = { order_id: orderId, city_id: 'c1', generation: '1' };
  return JSON.stringify({
    id,
    object: 'event',
    type,
    created: 1,
    data: { object: { metadata, ...object } },
  });
}

test('a webhook without a true signature, or an old one, is refused and changes nothing', async () => {
  const { orderId } = await city.order();
  const body = event('evt_1', orderId, { id: 'pi_x' }, 'payment_intent.succeeded');
  expect(await send(body, 't=1,v1=00')).toBe(400);
  expect(await send(body, '')).toBe(400);
  expect(await send(body, signed(body, { secret: 'whsec_somebody_else_00' }))).toBe(400);
  expect(await send(body, signed(body, { ageSeconds: 301 }))).toBe(400);
  expect(await send(`${body} `, signed(body))).toBe(400);
});

test('a true one is taken, twice is once, and one about nothing of ours is let go', async () => {
  const { orderId } = await city.order();
  await expect.poll(async () => (await city.view(orderId)).state).toBe('PAID');
  const { sequence } = await city.view(orderId);
  const known = event('evt_2', orderId, { id: 'pi_1' }, 'payment_intent.amount_capturable_updated');
  expect(await send(known, signed(known))).toBe(204);
  expect(await send(known, signed(known))).toBe(204);
  expect((await city.view(orderId)).sequence).toBe(sequence);
  const strange = event('evt_3', '0190f000-0000-7000-8000-000000000009', {}, 'charge.captured');
  expect(await send(strange, signed(strange))).toBe(204);
  const foreign = event(
    'evt_4',
    orderId.replace(/^./, 'f'),
    { id: 'pi_2' },
    'payment_intent.canceled',
  );
  expect(await send(foreign, signed(foreign))).toBe(204);
});

test('the provider tells it all by itself: nothing changes twice, and both books agree', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hexfleet webhooks '));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/v1/payments/webhook`;
  const webhooks = { url, secret: SECRET };
  const provider = await startPaymentProvider({ dataDir: directory, webhooks });
  const told = await TestCity.start({
    PORT: port,
    PAYMENT_API_URL: provider.url,
    PAYMENT_WEBHOOK_SECRET: SECRET,
  });
  try {
    const faults = { duplicateWebhooks: 4, reorderWebhooks: 2, forgeWebhooks: 1 };
    await fetch(`${provider.url}/_faults`, { method: 'POST', body: JSON.stringify(faults) });
    const orders = await Promise.all(Array.from({ length: 5 }, () => told.order()));
    const restaurant = await told.api('restaurant', 'soup-house');
    for (const { orderId } of orders) {
      await expect.poll(async () => (await told.view(orderId)).state).toBe('PAID');
      await restaurant.command(orderId, { type: 'reject_order', reason: 'closing' });
      await expect.poll(async () => (await told.view(orderId)).payment.state).toBe('voided');
    }
    await expect
      .poll(
        async () => {
          const health = await (await fetch(`${provider.url}/_health`)).json();
          return (health as { webhooksWaiting: number }).webhooksWaiting;
        },
        { timeout: 20_000 },
      )
      .toBe(0);
    const { orderId } = orders[0] ?? { orderId: '' };
    const { timeline } = await told.view(orderId);
    expect(timeline.map(({ type }) => type)).toEqual([
      'order.placed',
      'order.paid',
      'order.cancelled',
      'order.payment_voided',
    ]);
    expect(await told.broken()).toEqual([]);
  } finally {
    await told.stop();
    await provider.stop();
    await rm(directory, { recursive: true });
  }
});

test('what the provider took by itself is in the books by the webhook alone', async () => {
  const { orderId } = await city.order();
  await expect.poll(async () => (await city.view(orderId)).payment.state).toBe('authorized');
  const { totalMinor } = await city.view(orderId);
  const body = event(
    'evt_5',
    orderId,
    { id: 'pi_any', amount_received: totalMinor },
    'payment_intent.succeeded',
  );
  expect(await send(body, signed(body))).toBe(204);
  expect((await city.view(orderId)).payment).toMatchObject({
    state: 'captured',
    capturedMinor: totalMinor,
  });
});
