import { afterEach, expect, test, vi } from 'vitest';
import { createLogger } from './log.ts';
import { Teardown } from './teardown.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('parts stop in the reverse order of their start, also past one that fails', async () => {
  const stopped: string[] = [];
  const teardown = new Teardown();
  for (const name of ['database', 'provider', 'gateway']) {
    teardown.add(name, () => {
      stopped.push(name);
      return name === 'provider' ? Promise.reject(new Error('stuck')) : Promise.resolve();
    });
  }
  await teardown.run(createLogger('silent'));
  expect(stopped).toEqual(['gateway', 'provider', 'database']);
  await teardown.run(createLogger('silent'));
  expect(stopped).toHaveLength(3);
});

test('a part that hangs is left behind when its own deadline has passed, the others still stop', async () => {
  vi.useFakeTimers();
  const stopped: string[] = [];
  const teardown = new Teardown();
  const stop = (name: string) => () => Promise.resolve(stopped.push(name));
  teardown.add('database', stop('database'));
  const slow = Promise.withResolvers<void>();
  teardown.add('engine', () => slow.promise.then(stop('engine')), 60_000);
  teardown.add('hung', () => new Promise(() => undefined));
  const done = teardown.run(createLogger('silent'));
  await vi.advanceTimersByTimeAsync(5_000);
  await vi.advanceTimersByTimeAsync(55_000);
  expect(stopped).toEqual([]);
  slow.resolve();
  await done;
  expect(stopped).toEqual(['engine', 'database']);
});
