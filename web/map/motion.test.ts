import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Motion, nextShownMs, poseAt, turn, type MotionFix } from './motion.ts';

const FIX: MotionFix = { lat: 52, lng: 13, headingDegrees: 0, atMs: 1_000 };
const at = (atMs: number, more: Partial<MotionFix> = {}): MotionFix => ({ ...FIX, atMs, ...more });

test('halfway in time is halfway on the way', () => {
  const fixes = [at(1_000), at(3_000, { lat: 52.2, lng: 13.4, headingDegrees: 90 })];
  const pose = poseAt(fixes, 2_000);
  expect(pose.lat).toBeCloseTo(52.1, 9);
  expect(pose.lng).toBeCloseTo(13.2, 9);
  expect(pose.headingDegrees).toBeCloseTo(45, 9);
});

test('before the first fix it stands at the first, after the last at the last', () => {
  const fixes = [at(1_000), at(3_000, { lat: 53 })];
  expect(poseAt(fixes, 0).lat).toBe(52);
  expect(poseAt(fixes, 9_000).lat).toBe(53);
});

test('headings turn the shorter way over north, places go the shorter way over the antimeridian', () => {
  const fixes = [
    at(0, { headingDegrees: 350, lng: 179.9 }),
    at(1_000, { headingDegrees: 10, lng: -179.9 }),
  ];
  const pose = poseAt(fixes, 500);
  expect(pose.headingDegrees).toBeCloseTo(0, 9);
  expect(Math.abs(pose.lng)).toBeCloseTo(180, 9);
  expect(turn(350, 10)).toBe(20);
  expect(turn(10, 350)).toBe(-20);
});

test('the moment that is shown never goes back and never runs more than twice as fast as time', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 60_000 }),
      fc.integer({ min: -30_000, max: 30_000 }),
      fc.integer({ min: 0, max: 200 }),
      (shownMs, missingMs, elapsedMs) => {
        const next = nextShownMs(shownMs, shownMs + missingMs, elapsedMs);
        expect(next).toBeGreaterThanOrEqual(shownMs);
        expect(next - shownMs).toBeLessThanOrEqual(2 * elapsedMs);
      },
    ),
  );
});

test('with fixes every two seconds it goes on without a stop, one interval behind', () => {
  const motion = new Motion();
  const seen: number[] = [];
  // A courier that goes north by one degree a second, heard of after 100 ms.
  for (let nowMs = 0; nowMs <= 60_000; nowMs += 50) {
    if (nowMs % 2_000 === 100) motion.add(at(nowMs - 100, { lat: (nowMs - 100) / 1_000 }), nowMs);
    const pose = motion.at(nowMs);
    if (pose !== null && nowMs > 20_000) seen.push(pose.lat);
  }
  const steps = seen.slice(1).map((lat, i) => lat - (seen[i] ?? 0));
  for (const step of steps) {
    expect(step).toBeGreaterThan(0.03);
    expect(step).toBeLessThan(0.08);
  }
  expect(seen.at(-1)).toBeGreaterThan(60 - 2.6);
});

test('what is older than the newest is not taken, and far behind it is put where it should be', () => {
  const motion = new Motion();
  motion.add(at(10_000, { lat: 1 }), 10_000);
  motion.add(at(5_000, { lat: 2 }), 10_001);
  expect(motion.newestMs).toBe(10_000);
  motion.at(10_100);
  motion.add(at(300_000, { lat: 3 }), 300_000);
  motion.add(at(302_000, { lat: 4 }), 302_000);
  expect(motion.at(330_000)?.lat).toBe(4);
  expect(motion.isMoving).toBe(false);
});
