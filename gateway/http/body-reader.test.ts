import { expect, test } from 'vitest';
import { BODY_BYTES_MAX } from '../../protocol/index.ts';
import { BodyReader } from './body-reader.ts';

const chunk = (bytes: number, fill = 0x61): ArrayBuffer => new Uint8Array(bytes).fill(fill).buffer;

test('chunks are put together in their order, and copied: the library takes them back', async () => {
  const reader = new BodyReader(0);
  const first = chunk(2, 0x61);
  reader.received(first, false);
  new Uint8Array(first).fill(0);
  reader.received(chunk(2, 0x62), true);
  expect((await reader.whole)?.toString()).toBe('aabb');
});

test('a body of exactly the limit is taken, one byte more is not', async () => {
  const fits = new BodyReader(0);
  fits.received(chunk(BODY_BYTES_MAX), true);
  expect((await fits.whole)?.byteLength).toBe(BODY_BYTES_MAX);
  const over = new BodyReader(0);
  over.received(chunk(BODY_BYTES_MAX), false);
  over.received(chunk(1), true);
  expect(await over.whole).toBeNull();
});

test('an announced size that is too large is refused before a byte has come', async () => {
  const reader = new BodyReader(BODY_BYTES_MAX + 1);
  expect(await reader.whole).toBeNull();
  expect(reader.mustLinger).toBe(true);
});

test('what is refused is read to its end, but not for ever', () => {
  const polite = new BodyReader(1_000_000);
  const ends: boolean[] = [];
  polite.onDiscarded((complete) => ends.push(complete));
  polite.received(chunk(1_000_000), true);
  const endless = new BodyReader(1e12);
  endless.onDiscarded((complete) => ends.push(complete));
  for (let i = 0; i < 5; i++) endless.received(chunk(1_000_000), false);
  expect(ends).toEqual([true, false]);
});

test('nobody waits for a peer that has gone', async () => {
  const reader = new BodyReader(0);
  reader.received(chunk(10), false);
  reader.abandon();
  expect(await reader.whole).toBeNull();
});
