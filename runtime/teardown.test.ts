import { expect, test } from 'vitest';
import { createLogger } from './log.ts';
import { Teardown } from './teardown.ts';

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
