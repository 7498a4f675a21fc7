import { expect, test, vi } from 'vitest';
import { Breaker, isLeftAlone } from './breaker.ts';
import { createLogger } from './log.ts';
import { Metrics } from './metrics.ts';

function breakerOf(options: { isOutage?: (error: Error) => boolean } = {}) {
  const opened: string[] = [];
  const metrics = new Metrics(false);
  const breaker = new Breaker({
    name: 'other',
    terms: { failures: 3, pauseMs: 50 },
    onOpen: () => opened.push('open'),
    metrics,
    log: createLogger('silent'),
    ...options,
  });
  return { breaker, opened, metrics };
}

const away = () => Promise.reject(new Error('away'));

/** `asked` is how often the other side was asked. */
async function ask(breaker: Breaker, work: () => Promise<unknown>) {
  let asked = 0;
  const counted = (): Promise<unknown> => {
    asked += 1;
    return work();
  };
  const error: unknown = await breaker.execute(counted).then(
    () => null,
    (failure: unknown) => failure,
  );
  return { asked, leftAlone: isLeftAlone(error) };
}

test('after three failures in a row the other side is left alone, and asked once after the pause', async () => {
  const { breaker, opened, metrics } = breakerOf();
  for (let i = 0; i < 3; i++)
    expect(await ask(breaker, away)).toEqual({ asked: 1, leftAlone: false });
  expect(await ask(breaker, away)).toEqual({ asked: 0, leftAlone: true });
  expect(opened).toEqual(['open']);
  expect((await metrics.page()).body).toContain('hexfleet_other_breaker_open 1');
  const well = () => Promise.resolve('well');
  await vi.waitFor(async () => expect(await ask(breaker, well)).toMatchObject({ asked: 1 }));
  expect((await metrics.page()).body).toContain('hexfleet_other_breaker_open 0');
});

test('a refusal is an answer: it opens nothing', async () => {
  const { breaker } = breakerOf({ isOutage: () => false });
  for (let i = 0; i < 10; i++)
    expect(await ask(breaker, away)).toEqual({ asked: 1, leftAlone: false });
});
