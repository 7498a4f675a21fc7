import { expect, test } from 'vitest';
import { Metrics } from './index.ts';

test('the process has its figures, and none of an event loop that nobody looks at', async () => {
  const { body } = await new Metrics(true).page();
  expect(body).toContain('process_cpu_seconds_total');
  expect(body).toContain('nodejs_heap_size_used_bytes');
  expect(body).not.toContain('eventloop');
  expect(body).not.toContain('open_fds');
});
