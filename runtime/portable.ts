/** What also runs in browsers. */
export { sleep, systemClock, utcMs } from './clock.ts';
export { systemRandom, type Random } from './random.ts';
