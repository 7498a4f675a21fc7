import { expect, test } from 'vitest';
import { actor, place, startTestCore } from '../core.test-kit.ts';
import { createLogger, Metrics, newId } from '../../runtime/index.ts';
import { makePastDay } from '../history/history.test-kit.ts';
import { Janitor } from './janitor.ts';

test('what is too old goes, what is not stays, and so do the books', async () => {
  const core = await startTestCore();
  const sql = async (text: string): Promise<unknown[]> =>
    await core.database.query({ name: newId<string>(), text });
  const restaurant = actor('restaurant', 'r1');
  for (const [i, days] of [31, 29].entries()) {
    const { orderId } = (await place(core)).order;
    await core.event(orderId, 'order.paid');
    const reject = { type: 'reject_order', orderId, reason: 'closing' } as const;
    await core.core.execute(reject, restaurant, { idempotencyKey: `key-${days}` });
    const old = `clock_timestamp() - interval '${days} days'`;
    await sql(`UPDATE commands SET at = ${old} WHERE key = 'key-${days}'`);
    await sql(`UPDATE idempotency_keys SET created_at = ${old} WHERE order_id = '${orderId}'`);
    await sql(`INSERT INTO webhook_inbox (event_id, type, received_at, outcome)
      VALUES ('evt_${i}', 'charge.refunded', ${old}, 'done')`);
    await sql(`INSERT INTO webhook_inbox (event_id, type, received_at, outcome)
      SELECT 'evt_${i}_' || n, 'charge.refunded', ${old}, 'done'
      FROM generate_series(1, ${5_001 * (1 - i)}) AS n`);
    for (const state of ['sent', 'dead', 'waiting']) {
      const ended = state === 'waiting' ? 'NULL' : old;
      await sql(`INSERT INTO notifications (city_id, order_id, notification_id, sequence, kind,
          channel, role, subject, rank, state, due_at, created_at, ended_at)
        VALUES ('c1', '${orderId}', gen_random_uuid(), 1, 'order_cancelled', 'email', 'customer',
          'anna', 0, '${state}', 'infinity', ${old}, ${ended})`);
    }
    await makePastDay(core.database, days);
  }
  const log = createLogger('silent');
  const { database } = core;
  const janitor = new Janitor({
    database,
    keyDays: 30,
    notificationDays: 30,
    fixDays: 30,
    metrics: new Metrics(false),
    log,
  });
  janitor.start();
  const counts = `SELECT (SELECT count(*)::int FROM commands) AS commands,
    (SELECT count(*)::int FROM idempotency_keys) AS keys,
    (SELECT count(*)::int FROM webhook_inbox) AS webhooks,
    (SELECT count(*)::int FROM notifications) AS told,
    (SELECT count(*)::int FROM courier_fixes) AS fixes, (SELECT count(*)::int FROM orders) AS orders`;
  await expect
    .poll(() => sql(counts))
    .toEqual([{ commands: 1, keys: 1, webhooks: 1, told: 5, fixes: 1, orders: 2 }]);
  await janitor.stop();
  expect(await core.broken()).toEqual([]);
  await core.stop();
});
