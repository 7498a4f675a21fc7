/** What also runs in browsers. */
export { sleep, systemClock } from './clock.ts';
export { systemRandom, type Random } from './random.ts';
