import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProviderBench } from './provider.test-kit.ts';
import { WebhookListener } from './webhooks.test-kit.ts';

const SOON = { timeout: 15_000 };

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

async function authorizeAll(...orderIds: string[]): Promise<void> {
  for (const orderId of orderIds) await bench.authorize(orderId);
}

test('so many webhooks as were ordered come twice, with one id', async () => {
  await bench.order({ duplicateWebhooks: 2 });
  await authorizeAll('a', 'b', 'c');
  await expect.poll(() => listener.orderIds, SOON).toEqual(['a', 'a', 'b', 'b', 'c']);
  expect(new Set(listener.heard.map(({ id }) => id)).size).toBe(3);
  expect(await bench.faults()).toMatchObject({ duplicateWebhooks: 0 });
});

test('so many webhooks as were ordered gather, and go out in reverse order', async () => {
  await bench.order({ reorderWebhooks: 3 });
  await authorizeAll('a', 'b');
  expect(await bench.webhooksWaiting()).toBe(2);
  expect(listener.heard).toEqual([]);
  await authorizeAll('c', 'd');
  await expect.poll(() => listener.orderIds, SOON).toEqual(['c', 'b', 'a', 'd']);
  expect(await bench.faults()).toMatchObject({ reorderWebhooks: 0 });
});

test('webhooks that gather go out without the last of them, when it does not come', async () => {
  await bench.order({ reorderWebhooks: 3 });
  await authorizeAll('a', 'b');
  await expect.poll(() => listener.orderIds, SOON).toEqual(['b', 'a']);
  expect(await bench.faults()).toMatchObject({ reorderWebhooks: 1 });
});

test('webhooks that gather go out in their order when new orders come', async () => {
  await bench.order({ reorderWebhooks: 3 });
  await authorizeAll('a', 'b');
  await bench.order({});
  await expect.poll(() => listener.orderIds, SOON).toEqual(['a', 'b']);
});

test('a dropped webhook is never sent, not even after a kill', async () => {
  await bench.order({ dropWebhooks: 2 });
  await authorizeAll('a', 'b', 'c');
  await expect.poll(() => bench.webhooksWaiting(), SOON).toBe(0);
  expect(await bench.faults()).toMatchObject({ dropWebhooks: 0 });
  await bench.kill();
  await bench.startAgain();
  await authorizeAll('d');
  await expect.poll(() => listener.orderIds, SOON).toEqual(['c', 'd']);
});

test("a forged webhook is none to Stripe's SDK, and the true one follows", async () => {
  await bench.order({ forgeWebhooks: 1 });
  await authorizeAll('a', 'b');
  await expect.poll(() => listener.heard.length, SOON).toBe(3);
  expect(listener.heard).toMatchObject([
    { orderId: 'a', genuine: false },
    { orderId: 'a', genuine: true },
    { orderId: 'b', genuine: true },
  ]);
  await expect
    .poll(() => bench.health(), SOON)
    .toMatchObject({
      webhooks: { delivered: 2, forgedAccepted: 0 },
    });
});
