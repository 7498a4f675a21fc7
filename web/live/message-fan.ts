import type { ServerMessage } from '../../protocol/index.ts';

/** More does not come before a page has drawn itself; a position that is dropped is followed by another. */
const KEPT_MAX = 500;

/**
 * Tells everybody who listens. What comes while nobody does is kept for whoever is first: a restaurant's
 * or a courier's socket begins with a snapshot, on a slow device before its page listens.
 */
export class MessageFan {
  readonly #listeners = new Set<(message: ServerMessage) => void>();
  /** Null once somebody has listened. */
  #kept: ServerMessage[] | null = [];

  /** @returns what ends it */
  listen(listener: (message: ServerMessage) => void): () => void {
    const kept = this.#kept ?? [];
    this.#kept = null;
    this.#listeners.add(listener);
    for (const message of kept) listener(message);
    return () => void this.#listeners.delete(listener);
  }

  tell(message: ServerMessage): void {
    if (this.#kept !== null) {
      this.#kept.push(message);
      if (this.#kept.length > KEPT_MAX) this.#kept.shift();
    }
    for (const listener of this.#listeners) listener(message);
  }
}
