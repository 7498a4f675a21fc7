import type { Fix } from '../../protocol/index.ts';
import { encodeFixes, FIX_AGE_MS_MAX, FIXES_PER_FRAME_MAX } from '../../protocol/wire.ts';
import { systemClock } from '../../runtime/portable.ts';

/** FIX_AGE_MS_MAX at more than one a second. */
const KEPT_MAX = 500;
/** A clock that is less off than this is not corrected: the connection's delay would be taken for it. */
const CLOCK_OFF_MS_MIN = 5_000;

/** A courier's fixes until the engine has acknowledged them, as frames in the engine's time. */
export class KeptFixes {
  /** Oldest first. */
  #kept: Fix[] = [];
  /** Add to this machine's clock for the engine's. */
  #clockOffMs = 0;

  /** Of too many the oldest go. */
  add(fixes: readonly Fix[]): void {
    this.#kept.push(...fixes);
    if (this.#kept.length > KEPT_MAX) this.#kept.splice(0, this.#kept.length - KEPT_MAX);
  }

  acknowledged(sequence: number): void {
    this.#kept = this.#kept.filter((fix) => fix.sequence > sequence);
  }

  /** @returns those that the engine would still take */
  welcomed(serverTimeMs: number): readonly Fix[] {
    const offMs = serverTimeMs - systemClock.nowMs();
    this.#clockOffMs = Math.abs(offMs) < CLOCK_OFF_MS_MIN ? 0 : offMs;
    const oldestMs = systemClock.nowMs() - FIX_AGE_MS_MAX;
    this.#kept = this.#kept.filter(({ atMs }) => atMs >= oldestMs);
    return this.#kept;
  }

  frames(fixes: readonly Fix[]): Uint8Array<ArrayBuffer>[] {
    const offMs = this.#clockOffMs;
    const timed = offMs === 0 ? fixes : fixes.map((fix) => ({ ...fix, atMs: fix.atMs + offMs }));
    const frames: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < timed.length; at += FIXES_PER_FRAME_MAX) {
      frames.push(encodeFixes(timed.slice(at, at + FIXES_PER_FRAME_MAX)));
    }
    return frames;
  }
}
