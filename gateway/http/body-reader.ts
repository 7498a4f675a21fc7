import { BODY_BYTES_MAX } from '../../protocol/index.ts';

/** Of a body that is too large, so much is read and thrown away before the connection is cut. */
const DISCARDED_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Collects the body of one request, never more than BODY_BYTES_MAX of it.
 *
 * | state      | entered when                       | left when      | what then holds             |
 * | ---------- | ---------------------------------- | -------------- | --------------------------- |
 * | collecting | it is made                         | see below      | at most BODY_BYTES_MAX held |
 * | discarding | too large, announced or in fact    | see `finished` | nothing is held             |
 * | finished   | the last byte; DISCARDED_BYTES_MAX | never          | `whole` has resolved        |
 */
export class BodyReader {
  /** The body; null when it is too large, which is known before the last byte. */
  readonly whole: Promise<Buffer | null>;
  readonly #resolve: (body: Buffer | null) => void;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #tooLarge = false;
  #outcome: boolean | null = null;
  #whenDiscarded: ((complete: boolean) => void) | null = null;

  /** @param announcedBytes Content-Length, 0 when there is none */
  constructor(announcedBytes: number) {
    const { promise, resolve } = Promise.withResolvers<Buffer | null>();
    this.whole = promise;
    this.#resolve = resolve;
    if (announcedBytes > BODY_BYTES_MAX) this.#refuse();
  }

  /** The peer is still sending what nobody will read. */
  get mustLinger(): boolean {
    return this.#tooLarge && this.#outcome === null;
  }

  /** @param chunk is copied */
  received(chunk: ArrayBuffer, isLast: boolean): void {
    this.#bytes += chunk.byteLength;
    if (!this.#tooLarge && this.#bytes > BODY_BYTES_MAX) this.#refuse();
    if (!this.#tooLarge) this.#chunks.push(Buffer.from(chunk.slice(0)));
    if (isLast) this.#finish(true);
    else if (this.#bytes > DISCARDED_BYTES_MAX) this.#finish(false);
  }

  /** Calls `done` when the rest has been read (true) or is more than is worth reading (false). */
  onDiscarded(done: (complete: boolean) => void): void {
    if (this.#outcome === null) this.#whenDiscarded = done;
    else done(this.#outcome);
  }

  /** The peer has gone: nobody waits for the body, or for its end, any longer. */
  abandon(): void {
    this.#whenDiscarded = null;
    this.#refuse();
  }

  #refuse(): void {
    this.#tooLarge = true;
    this.#chunks = [];
    this.#resolve(null);
  }

  #finish(complete: boolean): void {
    if (this.#outcome !== null) return;
    this.#outcome = complete;
    if (!this.#tooLarge) this.#resolve(Buffer.concat(this.#chunks));
    this.#chunks = [];
    const done = this.#whenDiscarded;
    this.#whenDiscarded = null;
    done?.(complete);
  }
}
