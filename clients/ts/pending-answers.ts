import type { OrderSummary, ServerMessage } from '../../protocol/index.ts';
import { ApiError, ConnectionLost } from './errors.ts';
import { newRequestId } from './request-id.ts';

const ANSWER_TIMEOUT_MS = 15_000;

interface Pending {
  readonly resolve: (order: OrderSummary | null) => void;
  readonly reject: (error: Error) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Commands whose answer has not come; each ends by the answer, by a timeout, or with the connection. */
export class PendingAnswers {
  readonly #pending = new Map<string, Pending>();

  /**
   * @param what for the error's message
   * @param send gets the request id
   * @param accepted called before the next message is looked at
   */
  ask(
    what: string,
    send: (requestId: string) => void,
    accepted: () => void,
  ): Promise<OrderSummary | null> {
    const requestId = newRequestId();
    return new Promise((resolvePromise, reject) => {
      const resolve = (order: OrderSummary | null): void => {
        accepted();
        resolvePromise(order);
      };
      const timer = setTimeout(() => {
        this.#pending.delete(requestId);
        reject(new ConnectionLost(`${what}: no answer`));
      }, ANSWER_TIMEOUT_MS);
      this.#pending.set(requestId, { resolve, reject, timer });
      send(requestId);
    });
  }

  answered(message: Extract<ServerMessage, { type: 'ok' | 'error' }>): void {
    const pending = this.#pending.get(message.requestId ?? '');
    if (pending === undefined) return;
    this.#pending.delete(message.requestId ?? '');
    clearTimeout(pending.timer);
    if (message.type === 'ok') pending.resolve(message.order ?? null);
    else pending.reject(new ApiError(message.error, 0));
  }

  /** The connection is gone; whether the engine acted is not known. */
  lost(): void {
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new ConnectionLost('the connection was lost before the answer'));
    }
    this.#pending.clear();
  }
}
