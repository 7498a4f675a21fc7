import { expect, test } from 'vitest';
import { smoke } from '../bench-context.test-kit.ts';
import { liveMapBench } from './index.ts';

test('a city is shown to operators, and what that costs has its figures', async () => {
  const options = { rate: 50, couriers: 100, seconds: 1 };
  const { rows, results } = await smoke('live-map', options, (context) =>
    liveMapBench.run(context),
  );
  expect(rows.map(({ what }) => what)).toEqual(['one work for all', 'one for each']);
  const [shared, forEach] = rows.map(({ figures }) => figures['kb_per_second']);
  expect(shared).toBeGreaterThan(0);
  expect(shared).toBe(forEach);
  expect(Object.keys(results)).toEqual(['vs_one_for_each', 'slice_p99_ms']);
});
