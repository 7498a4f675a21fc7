import { expect, test } from 'vitest';
import { smoke } from '../bench-context.test-kit.ts';
import { fanoutBench } from './index.ts';

const TIMEOUT_MS = 60_000;

test(
  'every fix comes to every watcher of its order, here and from the peer',
  async () => {
    const options = { rate: 40, couriers: 20, seconds: 1 };
    const { rows, results } = await smoke('fanout', options, (context) => fanoutBench.run(context));
    expect(rows.map(({ what }) => what)).toEqual(['Hexfleet', 'bare uWebSockets.js publish']);
    expect(Object.keys(results)).toEqual(['cpu_vs_bare_publish', 'fix_to_watcher_p99_ms']);
    expect(results['fix_to_watcher_p99_ms']?.value).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
