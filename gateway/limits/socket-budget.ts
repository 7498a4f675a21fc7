import type { Actor } from '../../protocol/index.ts';
import type { Config } from '../../runtime/index.ts';
import { gatewayErrors } from '../errors.ts';
import { Bucket, everyMsOf, waitMsOf } from './bucket.ts';
import { isStaff } from './socket-limits.ts';

/** A page of an operator asks for many orders at once. */
const STAFF_FACTOR = 10;
/**
 * Who goes on sending so many times as much as is taken, for a minute's worth of it, is closed: reading
 * and refusing costs too, and an app that means well has waited by then.
 */
const FLOOD_FACTOR = 4;

/** Between two warnings of one socket. */
const WARN_MS = 10_000;

/** What becomes of a socket whose courier has sent too many frames. `warn`: it was not told for a while. */
export type FrameVerdict = 'warn' | 'drop' | 'close';

/** How long a frame of a courier takes to come back, ms; 0: there is no limit. See bucket.ts. */
export function frameEveryMs(config: Config): number {
  return config.RATE_LIMITS === 'on' ? everyMsOf(config.FIX_FRAMES_PER_MINUTE) : 0;
}

/** How much one socket may say. */
export class SocketBudget {
  readonly #limits: Readonly<{ commands: number; jsonFixes: number; frames: number }> | null;
  readonly #commands: Bucket;
  readonly #jsonFixes: Bucket;
  readonly #flood: Bucket;
  #warnedAtMs = Number.NEGATIVE_INFINITY;

  constructor(config: Config, actor: Actor) {
    const commands = config.COMMANDS_PER_MINUTE * (isStaff(actor) ? STAFF_FACTOR : 1);
    const { JSON_FIXES_PER_MINUTE: jsonFixes, FIX_FRAMES_PER_MINUTE: frames } = config;
    const isCourier = actor.role === 'courier';
    const all = commands + (isCourier ? jsonFixes + frames : 0);
    this.#limits = config.RATE_LIMITS === 'on' ? { commands, jsonFixes, frames } : null;
    this.#commands = new Bucket(commands);
    this.#jsonFixes = new Bucket(jsonFixes);
    this.#flood = new Bucket(FLOOD_FACTOR * all);
  }

  /**
   * Before a text message is read.
   * @param nowMs monotonic, as in all of this
   * @returns false when the socket is to be closed
   */
  mayRead(nowMs: number): boolean {
    return this.#limits === null || this.#flood.take(nowMs);
  }

  /** @throws AppError `rate_limited` */
  requireMessage(type: string, nowMs: number): void {
    if (this.#limits === null) return;
    const isFix = type === 'fix';
    const bucket = isFix ? this.#jsonFixes : this.#commands;
    if (bucket.take(nowMs)) return;
    const quota = isFix ? this.#limits.jsonFixes : this.#limits.commands;
    throw tooMany(isFix ? 'fixes' : 'commands', quota, bucket.waitMs(nowMs));
  }

  /**
   * A frame of fixes came too soon and is not looked at; the next that is taken has the newer position, a
   * fraction of a second later.
   */
  frameRefused(nowMs: number): FrameVerdict {
    if (!this.#flood.take(nowMs)) return 'close';
    if (nowMs - this.#warnedAtMs < WARN_MS) return 'drop';
    this.#warnedAtMs = nowMs;
    return 'warn';
  }

  /** What a courier is told whose frames are not taken. @param fullAtMs see bucket.ts */
  frameWarning(fullAtMs: number, nowMs: number): Error {
    const quota = this.#limits?.frames ?? 0;
    return tooMany('frames', quota, waitMsOf(fullAtMs, nowMs, everyMsOf(quota)));
  }
}

function tooMany(limit: string, quota: number, retryAfterMs: number): Error {
  const details = { limit, quota, windowSeconds: 60 };
  return gatewayErrors.make('rate_limited', { retryAfterMs: Math.ceil(retryAfterMs), details });
}
