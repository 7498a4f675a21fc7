import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { createLogger, newId } from '../runtime/index.ts';
import { place, startTestCore } from './core.test-kit.ts';
import { Lookout, type Work } from './lookout.ts';

const NOTHING: Work = {
  outbox: false,
  steps: false,
  readModels: false,
  notifications: false,
  outgoing: false,
};
const PAST = `clock_timestamp() - interval '1 second'`;
const FUTURE = `clock_timestamp() + interval '1 hour'`;

let testDatabase: TestDatabase;
beforeEach(async () => {
  testDatabase = await createTestDatabase();
});
afterEach(() => testDatabase.close());

async function sql(text: string): Promise<void> {
  await testDatabase.database.query({ name: newId<string>(), text });
}

/** What one look finds. */
async function look(): Promise<Work> {
  const looked = Promise.withResolvers<Work>();
  const lookout = new Lookout({
    database: testDatabase.database,
    found: looked.resolve,
    log: createLogger('silent'),
  });
  lookout.start();
  const work = await looked.promise;
  await lookout.stop();
  return work;
}

const OUTBOX = `INSERT INTO outbox (city_id, order_id, sequence) VALUES ('c1', gen_random_uuid(), 1)`;
const step = (name: string, due: string): string =>
  `INSERT INTO saga_steps (city_id, order_id, step, due_at)
    VALUES ('c1', gen_random_uuid(), '${name}', ${due})`;
const inbox = (consumer: string, due: string): string =>
  `INSERT INTO consumer_inbox (consumer, city_id, order_id, sequence, due_at)
    VALUES ('${consumer}', 'c1', gen_random_uuid(), 1, ${due})`;
const notification = (state: string, due: string): string =>
  `INSERT INTO notifications (city_id, order_id, notification_id, sequence, kind, channel, role,
      subject, rank, state, due_at, ended_at)
    VALUES ('c1', gen_random_uuid(), gen_random_uuid(), 1, 'order_cancelled', 'email', 'customer',
      'anna', 2, '${state}', ${due}, ${state === 'waiting' ? 'NULL' : PAST})`;

test.each([
  ['an event that nobody was told of', OUTBOX, { outbox: true }],
  ['a step that is due', step('authorize_payment', PAST), { steps: true }],
  ['events for the read models', inbox('read_models', PAST), { readModels: true }],
  ['events for notifications', inbox('notifications', PAST), { notifications: true }],
  ['a notification that is due', notification('waiting', PAST), { outgoing: true }],
])('%s is found, and nothing else', async (_what, insert, found) => {
  expect(await look()).toEqual(NOTHING);
  await sql(insert);
  expect(await look()).toEqual({ ...NOTHING, ...found });
});

test('what is leased or put off, is sent, or is known to a newer engine only, is nothing to do', async () => {
  await sql(step('authorize_payment', FUTURE));
  await sql(step('unknown_step', PAST));
  await sql(inbox('read_models', FUTURE));
  await sql(inbox('notifications', `'infinity'`));
  await sql(notification('waiting', FUTURE));
  await sql(notification('sent', PAST));
  expect(await look()).toEqual(NOTHING);
});

test('an event whose nudge was lost is told all the same', async () => {
  const core = await startTestCore();
  const { orderId } = (await place(core)).order;
  const told = (): number =>
    core.published.filter(({ order, sequence }) => order.orderId === orderId && sequence === 1)
      .length;
  await expect.poll(told).toBe(1);
  await core.database.query({
    name: 'tell_again',
    text: `INSERT INTO outbox (city_id, order_id, sequence)
      SELECT city_id, order_id, sequence FROM order_events WHERE sequence = 1`,
  });
  await expect.poll(told, { timeout: 10_000 }).toBe(2);
  await core.stop();
});
