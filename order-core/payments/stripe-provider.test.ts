import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import {
  createLogger,
  DEPENDENCIES,
  Metrics,
  systemClock,
  type CityId,
  type CorrelationId,
  type OrderId,
} from '../../runtime/index.ts';
import { StripeProvider } from './stripe-provider.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A payment API that answers what it is told to, and counts. */
async function apiThat(answers: { status: number; error: object }) {
  const asked = { count: 0 };
  const server = createServer((_request, response) => {
    asked.count += 1;
    response.writeHead(answers.status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: answers.error }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const provider = new StripeProvider({
    apiUrl: `http://127.0.0.1:${port}`,
    apiKey: 'sk_test_x',
    webhookSecret: null,
    clock: systemClock,
    metrics: new Metrics(false),
    log: createLogger('silent'),
  });
  const order = {
    orderId: 'o1' as OrderId,
    cityId: 'c1' as CityId,
    currency: 'eur',
    correlationId: 'x' as CorrelationId,
  };
  const authorize = () =>
    provider.authorize(order as never, { generation: 1, amountMinor: 100 }, 'pm_card_visa').then(
      ({ outcome }) => outcome,
      (error: unknown) => (error as { code: string }).code,
    );
  return { asked, authorize };
}

/** What so many requests, one after the other, come to. */
async function outcomes(times: number, request: () => Promise<string>): Promise<string[]> {
  const seen: string[] = [];
  for (let i = 0; i < times; i++) seen.push(await request());
  return seen;
}

const { failures } = DEPENDENCIES.payment.breaker;

test('a provider that fails again and again is left alone', async () => {
  const { asked, authorize } = await apiThat({ status: 500, error: { type: 'api_error' } });
  expect(new Set(await outcomes(failures, authorize))).toEqual(
    new Set(['payment_provider_failed']),
  );
  expect(new Set(await outcomes(20, authorize))).toEqual(new Set(['payment_provider_paused']));
  expect(asked.count).toBe(failures);
});

test('however many cards it refuses, the provider is asked again', async () => {
  const error = { type: 'card_error', code: 'card_declined', decline_code: 'generic_decline' };
  const { asked, authorize } = await apiThat({ status: 402, error });
  expect(new Set(await outcomes(3 * failures, authorize))).toEqual(new Set(['refused']));
  expect(asked.count).toBe(3 * failures);
});
