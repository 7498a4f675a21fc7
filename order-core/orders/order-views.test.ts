import { expect, test } from 'vitest';
import type { Actor, OrderView } from '../../protocol/index.ts';
import type { CityId } from '../../runtime/index.ts';
import { OrderViews } from './order-views.ts';

const anna: Actor = { role: 'customer', subject: 'anna', cityId: 'c1' as CityId };

/** Reads that are answered when the test says so, with the order as it is then. */
function desk() {
  let nowMs = 0;
  const waiting: (() => void)[] = [];
  const order = { state: 'PLACED', customerId: 'anna', isThere: true };
  const read = (): Promise<OrderView | null> =>
    new Promise((resolve) => {
      const { isThere, ...view } = order;
      waiting.push(() => resolve(isThere ? (view as OrderView) : null));
    });
  const views = new OrderViews(read, { nowMs: () => nowMs, monotonicMs: () => nowMs });
  return {
    views,
    order,
    reads: () => waiting.length,
    answer: (read: number) => waiting[read]?.(),
    passes: (ms: number) => void (nowMs += ms),
  };
}

test('an order that does not change is read once, for as many as ask at the same time and after', async () => {
  const { views, reads, answer } = desk();
  const asked = [views.view('o1', anna), views.view('o1', anna)];
  answer(0);
  const [first, second] = await Promise.all(asked);
  expect(second).toBe(first);
  expect(await views.view('o1', anna)).toBe(first);
  expect(reads()).toBe(1);
});

test('what was read before a change is not shown after it, also when its answer comes late', async () => {
  const { views, order, answer } = desk();
  const before = views.view('o1', anna);
  order.state = 'PAID';
  views.forget('c1', 'o1');
  answer(0);
  await before;
  const after = views.view('o1', anna);
  answer(1);
  expect(await after).toMatchObject({ state: 'PAID' });
});

test('another role, another city and a later time are read for themselves', async () => {
  const { views, reads, answer, passes } = desk();
  const seen = async (actor: Actor): Promise<unknown> => {
    const view = views.view('o1', actor).catch((error: unknown) => error);
    answer(reads() - 1);
    return await view;
  };
  await seen(anna);
  await seen({ ...anna, role: 'operator' });
  await seen({ ...anna, cityId: 'c2' as CityId });
  expect(reads()).toBe(3);
  passes(60_000);
  await seen(anna);
  expect(reads()).toBe(4);
});

test("a stranger gets what is kept no more than anything else's, and what is not there is asked for anew", async () => {
  const { views, order, reads, answer } = desk();
  const mine = views.view('o1', anna);
  answer(0);
  await mine;
  const theirs = views.view('o1', { ...anna, subject: 'bert' });
  await expect(theirs).rejects.toMatchObject({ code: 'not_found' });
  expect(reads()).toBe(1);
  order.isThere = false;
  for (const read of [1, 2]) {
    const absent = views.view('o2', anna);
    answer(read);
    await expect(absent).rejects.toMatchObject({ code: 'not_found' });
  }
});

test('a read that failed is not kept', async () => {
  let reads = 0;
  const views = new OrderViews(
    () => {
      reads += 1;
      return Promise.reject(new Error('the connection was lost'));
    },
    { nowMs: () => 0, monotonicMs: () => 0 },
  );
  await expect(views.view('o1', anna)).rejects.toThrow('lost');
  await expect(views.view('o1', anna)).rejects.toThrow('lost');
  expect(reads).toBe(2);
});
