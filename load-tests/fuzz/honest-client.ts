import { HexfleetApi, HexfleetSocket } from '../../clients/ts/index.ts';
import { messageOf, sleep, systemClock, withDeadline } from '../../runtime/index.ts';
import type { Stage } from './stage.ts';

const EVERY_MS = 100;
/** An app has given up by then. */
const SERVED_MS_MAX = 5_000;
const COMPLAINTS_MAX = 10;

/** Somebody who means well, in another city: reads an order again and again, and listens to it. */
export class HonestClient {
  readonly #api: HexfleetApi;
  readonly #socket: HexfleetSocket;
  readonly #orderId: string;
  readonly complaints: string[] = [];
  served = 0;
  slowestMs = 0;
  #running = true;

  constructor({ url, honest }: Stage) {
    this.#orderId = honest.orderId;
    this.#api = new HexfleetApi({ url, token: honest.token, tries: 1 });
    this.#socket = new HexfleetSocket({
      url,
      token: honest.token,
      subprotocol: 'hexfleet.v1.json',
      onMessage: () => undefined,
      onState: ({ connected, code }) => {
        if (!connected && this.#running) this.#complain(`its socket was closed: ${code ?? 'cut'}`);
      },
    });
  }

  /** Until `stop()`. */
  async run(): Promise<void> {
    while (this.#running) {
      const beganMs = systemClock.monotonicMs();
      try {
        await withDeadline(this.#round(), SERVED_MS_MAX, 'serve the honest client');
        this.served += 1;
      } catch (error) {
        this.#complain(messageOf(error));
      }
      this.slowestMs = Math.max(this.slowestMs, systemClock.monotonicMs() - beganMs);
      await sleep(EVERY_MS);
    }
    this.#socket.close();
  }

  stop(): void {
    this.#running = false;
  }

  async #round(): Promise<void> {
    const { orderId } = await this.#api.order(this.#orderId);
    await this.#socket.subscribe(`order:${orderId}`);
  }

  #complain(what: string): void {
    if (this.complaints.length < COMPLAINTS_MAX) this.complaints.push(what);
  }
}
