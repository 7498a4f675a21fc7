import type { Actor } from '../protocol/index.ts';
import { dropOldest, type Clock } from '../runtime/index.ts';

/** Couriers whose absence is remembered; a courier who was forgotten counts as gone for ever. */
const REMEMBERED_MAX = 200_000;

/**
 * Since when a courier has not been heard of. A connected app is heard of all the time: the server's
 * pings would have ended its socket otherwise. Before this engine began, nothing is known, and nobody
 * is blamed for it.
 */
export class Presence {
  readonly #clock: Clock;
  readonly #beganAtMs: number;
  readonly #connected = new Map<string, number>();
  readonly #leftAtMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beganAtMs = clock.monotonicMs();
  }

  came(courier: Actor): void {
    const key = keyOf(courier.cityId, courier.subject);
    this.#connected.set(key, (this.#connected.get(key) ?? 0) + 1);
    this.#leftAtMs.delete(key);
  }

  left(courier: Actor): void {
    const key = keyOf(courier.cityId, courier.subject);
    const others = (this.#connected.get(key) ?? 1) - 1;
    if (others > 0) {
      this.#connected.set(key, others);
      return;
    }
    this.#connected.delete(key);
    this.#leftAtMs.set(key, this.#clock.monotonicMs());
    dropOldest(this.#leftAtMs, REMEMBERED_MAX);
  }

  /** 0 while an app of the courier is connected. */
  silentMs(cityId: string, courierId: string): number {
    const key = keyOf(cityId, courierId);
    if (this.#connected.has(key)) return 0;
    return this.#clock.monotonicMs() - (this.#leftAtMs.get(key) ?? this.#beganAtMs);
  }
}

function keyOf(cityId: string, courierId: string): string {
  return `${cityId}/${courierId}`;
}
