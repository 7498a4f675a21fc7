import { expect, test } from 'vitest';
import { KitchenDelays } from './kitchen-delays.ts';

function after(orders: number, restaurantId: string, seconds: number): KitchenDelays {
  const delays = new KitchenDelays();
  for (let i = 0; i < orders; i++) delays.learn(restaurantId, seconds);
  return delays;
}

test('at first food is ready when it is said to be', () => {
  expect(new KitchenDelays().expectedSeconds('r1')).toBe(0);
});

test('the more a kitchen was seen late the later it is expected, and its city a little', () => {
  expect(after(1, 'r1', 300).expectedSeconds('r1')).toBeLessThan(100);
  expect(after(200, 'r1', 300).expectedSeconds('r1')).toBeGreaterThan(270);
  expect(after(200, 'r1', 300).expectedSeconds('r2')).toBeGreaterThan(200);
});

test('who is punctual in a late city is soon known to be', () => {
  const delays = after(100, 'late', 600);
  for (let i = 0; i < 50; i++) delays.learn('punctual', 0);
  expect(delays.expectedSeconds('punctual')).toBeLessThan(60);
});

test('a kitchen that has changed is believed in time', () => {
  const delays = after(300, 'r1', 600);
  for (let i = 0; i < 150; i++) delays.learn('r1', -60);
  expect(delays.expectedSeconds('r1')).toBeLessThan(30);
});

test('what cannot be teaches nothing', () => {
  const delays = after(10, 'r1', 7_200);
  delays.learn('r1', Number.NaN);
  expect(delays.expectedSeconds('r1')).toBe(0);
});
