import { expect, test } from 'vitest';
import { smoke } from '../bench-context.test-kit.ts';
import { ingestBench } from './index.ts';

const TIMEOUT_MS = 60_000;

test(
  'the engine and its peers take every fix while they are measured',
  async () => {
    const options = { rate: 500, couriers: 10, seconds: 0.5 };
    const { rows, results } = await smoke('ingest', options, (context) => ingestBench.run(context));
    expect(rows.map(({ what }) => what)).toEqual([
      'Hexfleet, one a frame',
      'Hexfleet, twenty a frame',
      'bare uWebSockets.js, one a frame',
      'bare uWebSockets.js, twenty a frame',
      'uWebSockets.js, JSON, Redis GEOADD + HSET, one a frame',
      'ws, JSON, one a frame',
    ]);
    expect(Object.keys(results)).toEqual(
      expect.arrayContaining(['cpu_vs_bare', 'cpu_vs_redis_design']),
    );
  },
  TIMEOUT_MS,
);
