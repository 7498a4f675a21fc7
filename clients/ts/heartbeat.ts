/** The server's own pings are not seen by apps in browsers; the peer of a dead link says nothing. */
const EVERY_MS = 25_000;
/** Of the interval, how long the answer may take: 8 s. */
const ANSWER_PART = 0.32;

export interface HeartbeatOptions {
  readonly everyMs?: number;
  readonly ask: () => void;
  /** Asked, the server said nothing. */
  readonly silent: () => void;
}

/** Notices a connection that is dead without having been closed. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #everyMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heard = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#everyMs = options.everyMs ?? EVERY_MS;
  }

  start(): void {
    this.stop();
    this.#timer = setTimeout(() => this.#look(), this.#everyMs);
  }

  /** Something came, whatever it is. */
  heard(): void {
    this.#heard = true;
  }

  /** Asks now, whatever came before. */
  check(): void {
    this.stop();
    this.#look();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#heard = false;
  }

  #look(): void {
    if (this.#heard) return this.start();
    this.#options.ask();
    this.#timer = setTimeout(() => {
      if (this.#heard) this.start();
      else this.#options.silent();
    }, this.#everyMs * ANSWER_PART);
  }
}
