/**
 * Preloaded by tests (`NODE_OPTIONS=--import ...`) into an engine whose clock shall be wrong: every
 * reading of the wall clock, also those of libraries, is CLOCK_SHIFT_MS off; the monotonic clock and
 * the database's are not.
 */
const shiftMs = Number(process.env['CLOCK_SHIFT_MS'] ?? 0);
// oxlint-disable-next-line no-restricted-globals -- this is what the file is for
const RealDate = Date;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, values: readonly unknown[]) =>
    Reflect.construct(target, values.length === 0 ? [target.now() + shiftMs] : values) as Date,
  apply: (target) => new target(target.now() + shiftMs).toString(),
  get: (target, name): unknown =>
    name === 'now' ? () => target.now() + shiftMs : Reflect.get(target, name),
});
