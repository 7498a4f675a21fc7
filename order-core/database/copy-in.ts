import type { Connection, Submittable } from 'pg';
import { systemClock } from '../../runtime/index.ts';

/** What pg's connection can do beside what its types tell. */
interface CopyConnection extends Connection {
  sendCopyFromChunk(bytes: Buffer): void;
  endCopyFrom(): void;
}

/** Sent in one turn of the event loop: the kernel takes 1 ms or so for this, and sockets are read between. */
const SLICE_BYTES = 128 * 1024;
/** Where a turn takes longer, slices would smooth nothing, and the rows come faster than they go. */
const TURN_MS_MAX = 10;

/**
 * One COPY ... FROM STDIN whose bytes are all there already, as pg's client runs it: the text is sent,
 * the server says that it is ready, the bytes go in a few messages, and it is done when the server is.
 * Nothing of it is stored unless all of it is. pg-copy-streams would do the same with a stream; of that
 * nothing is needed here. Source of the methods: `pg/lib/client.js`, PostgreSQL 18, 54.2.6.
 */
export class CopyIn implements Submittable {
  readonly #text: string;
  readonly #bytes: Buffer;
  #isOver = false;
  /** By this name pg puts its own in front, which ends the timer of `query_timeout`. */
  callback: (error: Error | null) => void;

  constructor(text: string, bytes: Buffer, callback: (error: Error | null) => void) {
    this.#text = text;
    this.#bytes = bytes;
    this.callback = callback;
  }

  submit(connection: Connection): void {
    connection.query(this.#text);
  }

  handleCopyInResponse(connection: CopyConnection): void {
    this.#send(0, SLICE_BYTES, connection);
  }

  handleCommandComplete(): void {
    // The server is done when it is ready for more.
  }

  handleReadyForQuery(): void {
    this.callback(null);
  }

  handleError(error: Error): void {
    this.#isOver = true;
    this.callback(error);
  }

  /** After an error the bytes may be somebody else's, and the server wants no more. */
  #send(at: number, bytes: number, connection: CopyConnection): void {
    if (this.#isOver) return;
    const next = at + bytes;
    connection.sendCopyFromChunk(this.#bytes.subarray(at, next));
    if (next >= this.#bytes.length) {
      connection.endCopyFrom();
      return;
    }
    const sentAtMs = systemClock.monotonicMs();
    setImmediate(() => {
      const isLate = systemClock.monotonicMs() - sentAtMs > TURN_MS_MAX;
      this.#send(next, isLate ? this.#bytes.length : SLICE_BYTES, connection);
    });
  }
}
