import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Stripe } from 'stripe';
import type { WebhookTarget } from './webhooks.ts';

const SECRET = 'whsec_test_listener';

/** One request that came in. */
export interface Heard {
  readonly id: string;
  readonly type: string;
  /** Of the order it tells of, from the metadata. */
  readonly orderId: string;
  /** Whether Stripe's SDK took the signature. */
  readonly genuine: boolean;
  readonly event: Stripe.Event;
}

/** Listens for webhooks, checks each with Stripe's official SDK, and answers as it is told. */
export class WebhookListener {
  readonly heard: Heard[] = [];
  /** For each request in turn; 200 when none is left, 400 in any case for what is not genuine. */
  readonly answers: (number | 'silence')[] = [];
  readonly #server: Server;
  readonly #stripe = new Stripe('sk_test_listener');

  private constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  static async start(): Promise<WebhookListener> {
    const listener = new WebhookListener();
    listener.#server.listen(0, '127.0.0.1');
    await once(listener.#server, 'listening');
    return listener;
  }

  get target(): WebhookTarget {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return { url: `http://127.0.0.1:${port}/webhooks`, secret: SECRET };
  }

  /** What the genuine ones said, in the order in which they came. */
  get types(): string[] {
    return this.heard.filter(({ genuine }) => genuine).map(({ type }) => type);
  }

  get orderIds(): string[] {
    return this.heard.filter(({ genuine }) => genuine).map(({ orderId }) => orderId);
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const heard = this.#check(Buffer.concat(chunks), String(request.headers['stripe-signature']));
    this.heard.push(heard);
    const answer = this.answers.shift() ?? 200;
    if (answer !== 'silence') response.writeHead(heard.genuine ? answer : 400).end('heard');
  }

  #check(body: Buffer, signature: string): Heard {
    let genuine = true;
    try {
      this.#stripe.webhooks.constructEvent(body, signature, SECRET);
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw error;
      genuine = false;
    }
    const event = JSON.parse(body.toString('utf8')) as Stripe.Event;
    const { metadata } = event.data.object as Stripe.PaymentIntent | Stripe.Refund;
    const orderId = metadata?.['order_id'] ?? '';
    return { id: event.id, type: event.type, orderId, genuine, event };
  }
}
