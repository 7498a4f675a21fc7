/**
 * Carries committed facts from the order core to whoever must hear of them. It only carries: a
 * message that a subscriber missed is in the database, and nothing is decided by what arrives here.
 *
 * `publish` resolves when every subscriber of this process has taken the message; messages of one
 * publisher arrive in the order of its calls.
 */
export interface Bus<Message> {
  publish(message: Message): Promise<void>;
  /** @returns ends the subscription */
  subscribe(handler: (message: Message) => void): () => void;
  close(): Promise<void>;
}

/** The bus of a single node. */
export class InProcessBus<Message> implements Bus<Message> {
  readonly #handlers = new Set<(message: Message) => void>();

  publish(message: Message): Promise<void> {
    for (const handler of this.#handlers) handler(message);
    return Promise.resolve();
  }

  subscribe(handler: (message: Message) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  close(): Promise<void> {
    this.#handlers.clear();
    return Promise.resolve();
  }
}
