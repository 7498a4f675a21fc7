import { expect, test } from 'vitest';
import { Metrics, seededRandom } from './index.ts';

test('on the page it is what a histogram of the library would be', async () => {
  const [own, librarys] = [new Metrics(false), new Metrics(false)];
  const tally = own.latencyTally('way_seconds', 'How long it took');
  const histogram = librarys.latency('way_seconds', 'How long it took', []);
  const pages = async (): Promise<string[]> =>
    await Promise.all([own, librarys].map(async (metrics) => (await metrics.page()).body));
  const [empty, emptyToo] = await pages();
  expect(empty).toBe(emptyToo);
  const random = seededRandom(1);
  const edges = [0, 0.001, 0.0025, 10, 10.001, 1e9];
  for (const seconds of [...edges, ...Array.from({ length: 200 }, () => random.next() ** 4)]) {
    tally.observe(seconds);
    histogram.observe(seconds);
  }
  const [page, pageToo] = await pages();
  expect(page).toBe(pageToo);
  expect(page).toContain('way_seconds_bucket{le="0.001"}');
});
