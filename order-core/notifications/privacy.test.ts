import { expect, test } from 'vitest';
import { withoutAddresses } from './privacy.ts';

test.each([
  ['550 <anna.b+food@mail.example.com> unknown', '550 <[address]> unknown'],
  ['no route to +49 (30) 123-456', 'no route to [number]'],
  ['notification_failed {"status":503}', 'notification_failed {"status":503}'],
])('what a server says of %s is kept without whom it was for', (said, kept) => {
  expect(withoutAddresses(said)).toBe(kept);
});
