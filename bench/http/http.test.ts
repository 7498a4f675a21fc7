import { expect, test } from 'vitest';
import { smoke } from '../bench-context.test-kit.ts';
import { httpBench } from './index.ts';

const TIMEOUT_MS = 60_000;

test(
  'reads are all answered, here and by the peer, also while couriers stream',
  async () => {
    const options = { rate: 40, couriers: 20, seconds: 1, parts: ['reads', 'streaming'] };
    const { rows, results } = await smoke('http', options, (context) => httpBench.run(context));
    expect(rows.map(({ what }) => what)).toEqual([
      'reads, Hexfleet',
      'reads, bare uWebSockets.js',
      'reads while 20 couriers stream',
    ]);
    for (const { figures } of rows) expect(figures['requests/s']).toBeGreaterThan(0);
    expect(results['reads_per_second_vs_bare']?.value).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
