import { BODY_BYTES_MAX, PROVISIONING_BODY_BYTES_MAX } from '../../protocol/index.ts';

/** Of a body that is too large, so much is read and thrown away before the connection is cut. */
const DISCARDED_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Collects the body of one request, never more of it than `read` says; before that is known (who
 * sends it is being checked), never more than anybody may send.
 *
 * | state      | entered when                       | left when      | what then holds             |
 * | ---------- | ---------------------------------- | -------------- | --------------------------- |
 * | collecting | it is made                         | see below      | at most the limit is held   |
 * | discarding | too large, announced or in fact    | see `finished` | nothing is held             |
 * | finished   | the last byte; DISCARDED_BYTES_MAX | never          | the body has been given     |
 */
export class BodyReader {
  /** Null when it is too large, which is known before the last byte. */
  readonly #whole: Promise<Buffer | null>;
  readonly #resolve: (body: Buffer | null) => void;
  readonly #announcedBytes: number;
  #bytesMax = PROVISIONING_BODY_BYTES_MAX;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #tooLarge = false;
  #outcome: boolean | null = null;
  #whenDiscarded: ((complete: boolean) => void) | null = null;

  /** @param announcedBytes Content-Length, 0 when there is none */
  constructor(announcedBytes: number) {
    const { promise, resolve } = Promise.withResolvers<Buffer | null>();
    this.#whole = promise;
    this.#resolve = resolve;
    this.#announcedBytes = announcedBytes;
    this.#limitTo(PROVISIONING_BODY_BYTES_MAX);
  }

  /** The body, refused when it is of more than `bytesMax`, announced or in fact. */
  async read(bytesMax: number): Promise<Buffer | null> {
    this.#limitTo(bytesMax);
    const body = await this.#whole;
    // It may have been complete before the limit was known.
    return body !== null && body.byteLength <= bytesMax ? body : null;
  }

  #limitTo(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    if (Math.max(this.#announcedBytes, this.#bytes) > bytesMax) this.#refuse();
  }

  /** Nobody wants it: the request was refused before its body was looked at. */
  disregard(): void {
    if (this.#outcome === null && this.#announcedBytes > BODY_BYTES_MAX) this.#refuse();
  }

  /** The peer is still sending what nobody will read. */
  get mustLinger(): boolean {
    return this.#tooLarge && this.#outcome === null;
  }

  /** @param chunk is copied */
  received(chunk: ArrayBuffer, isLast: boolean): void {
    this.#bytes += chunk.byteLength;
    if (!this.#tooLarge && this.#bytes > this.#bytesMax) this.#refuse();
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
