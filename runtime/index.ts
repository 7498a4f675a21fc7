/**
 * What every module stands on: configuration, clock, chance, ids, errors, assertions, log, metrics,
 * background loops and the bus. Nothing here knows of orders or couriers, and nothing here imports
 * another folder.
 */
export * from './assert.ts';
export * from './breaker.ts';
export * from './bus.ts';
export * from './clock.ts';
export * from './command.ts';
export * from './config.ts';
export * from './crash-point.ts';
export * from './data-dir.ts';
export * from './deadline.ts';
export * from './dependencies.ts';
export * from './drop-oldest.ts';
export * from './errors.ts';
export * from './ids.ts';
export * from './log.ts';
export * from './loop-delay.ts';
export * from './loop.ts';
export * from './metrics.ts';
export * from './plain-number.ts';
export * from './process-alive.ts';
export * from './random.ts';
export * from './supervised-process.ts';
export * from './teardown.ts';
export * from './time-scale.ts';
