import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

type Link = 'whole' | 'cut' | 'stalled';

/**
 * A TCP link to the engine that can be cut (connections are reset, and none is made) and stalled
 * (connections stay, and nothing comes through: what a phone in a tunnel sees).
 */
export class CutProxy {
  readonly #server: Server;
  readonly #targetPort: number;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #link: Link = 'whole';

  private constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async start(targetPort: number): Promise<CutProxy> {
    const proxy = new CutProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** http://host:port */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#link = 'cut';
    this.#reset();
  }

  stall(): void {
    this.#link = 'stalled';
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Whoever hung in a stalled link is cut off: such a link does not come back as it was. */
  heal(): void {
    if (this.#link === 'stalled') this.#reset();
    this.#link = 'whole';
  }

  async stop(): Promise<void> {
    this.#reset();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    if (this.#link === 'cut') return void client.resetAndDestroy();
    const engine = connect(this.#targetPort, '127.0.0.1');
    const pair = [client, engine] as const;
    this.#pairs.add(pair);
    const end = (): void => {
      client.destroy();
      engine.destroy();
      this.#pairs.delete(pair);
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
    client.pipe(engine);
    engine.pipe(client);
    if (this.#link === 'stalled') for (const socket of pair) socket.pause();
  }

  #reset(): void {
    for (const [client, engine] of this.#pairs) {
      client.resetAndDestroy();
      engine.destroy();
    }
    this.#pairs.clear();
  }
}
