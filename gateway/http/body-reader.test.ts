import { expect, test } from 'vitest';
import { BODY_BYTES_MAX, PROVISIONING_BODY_BYTES_MAX } from '../../protocol/index.ts';
import { BodyReader } from './body-reader.ts';

const chunk = (bytes: number, fill = 0x61): ArrayBuffer => new Uint8Array(bytes).fill(fill).buffer;

test('chunks are put together in their order, and copied: the library takes them back', async () => {
  const reader = new BodyReader(0);
  const first = chunk(2, 0x61);
  reader.received(first, false);
  new Uint8Array(first).fill(0);
  reader.received(chunk(2, 0x62), true);
  expect((await reader.read(BODY_BYTES_MAX))?.toString()).toBe('aabb');
});

test('a body of exactly the limit is taken, one byte more is not', async () => {
  const fits = new BodyReader(0);
  fits.received(chunk(BODY_BYTES_MAX), true);
  expect((await fits.read(BODY_BYTES_MAX))?.byteLength).toBe(BODY_BYTES_MAX);
  const over = new BodyReader(0);
  over.received(chunk(BODY_BYTES_MAX), false);
  over.received(chunk(1), true);
  expect(await over.read(BODY_BYTES_MAX)).toBeNull();
});

test('an announced size that is too large is refused before a byte has come', async () => {
  const reader = new BodyReader(BODY_BYTES_MAX + 1);
  expect(await reader.read(BODY_BYTES_MAX)).toBeNull();
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
  expect(await reader.read(BODY_BYTES_MAX)).toBeNull();
});

test('until it is known who sends it, as much is held as anybody may send', async () => {
  const large = new BodyReader(0);
  large.received(chunk(PROVISIONING_BODY_BYTES_MAX), true);
  expect((await large.read(PROVISIONING_BODY_BYTES_MAX))?.byteLength).toBe(
    PROVISIONING_BODY_BYTES_MAX,
  );
  const endless = new BodyReader(0);
  endless.received(chunk(PROVISIONING_BODY_BYTES_MAX + 1), false);
  expect(await endless.read(PROVISIONING_BODY_BYTES_MAX)).toBeNull();
});

test('what has come is too large as soon as the limit is known', async () => {
  const reader = new BodyReader(0);
  reader.received(chunk(BODY_BYTES_MAX + 1), false);
  expect(await reader.read(BODY_BYTES_MAX)).toBeNull();
  expect(reader.mustLinger).toBe(true);
});

test('what was complete before the limit was known is held against it', async () => {
  const reader = new BodyReader(0);
  reader.received(chunk(BODY_BYTES_MAX + 1), true);
  expect(await reader.read(BODY_BYTES_MAX)).toBeNull();
});

test('a large body that nobody looks at is read to its end; a small one is not waited for', () => {
  const large = new BodyReader(BODY_BYTES_MAX + 1);
  large.disregard();
  expect(large.mustLinger).toBe(true);
  const small = new BodyReader(BODY_BYTES_MAX);
  small.disregard();
  expect(small.mustLinger).toBe(false);
});
