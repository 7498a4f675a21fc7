import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

export interface RawAnswer {
  readonly status: number;
  /** Only of refusals: nobody looks at the others, and parsing would cost more than the request. */
  readonly body: string;
}

interface Waiting {
  readonly resolve: (answer: RawAnswer) => void;
  readonly reject: (error: Error) => void;
}

const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const LOST = 'the engine has closed the connection';

/**
 * One keep-alive connection that takes one request at a time, as text that is already made. `fetch`
 * costs about ten times the CPU, which a load generator would take from what it measures.
 */
export class RawConnection {
  readonly #url: URL;
  #socket: Socket | null = null;
  #received = '';
  #waiting: Waiting | null = null;

  constructor(url: URL) {
    this.#url = url;
  }

  /** Opens it, unless it is open: the engine closes connections that have long said nothing. */
  async open(): Promise<void> {
    if (this.#socket !== null) return;
    const socket = connect({ host: this.#url.hostname, port: Number(this.#url.port) });
    await once(socket, 'connect');
    this.#socket = socket;
    this.#received = '';
    socket.setEncoding('latin1');
    socket.setNoDelay(true);
    socket.on('data', (text: string) => this.#read(text));
    socket.on('error', (error) => this.#lost(error));
    socket.on('close', () => this.#lost(new Error(LOST)));
  }

  /**
   * @param request head and body, complete
   * @throws Error when the connection is lost; whether the engine acted is then not known
   */
  async send(request: string): Promise<RawAnswer> {
    if (this.#socket === null) await this.open();
    return await new Promise((resolve, reject) => {
      if (this.#waiting !== null) throw new Error('one request at a time');
      this.#waiting = { resolve, reject };
      this.#socket?.write(request);
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #read(text: string): void {
    this.#received = this.#received === '' ? text : this.#received + text;
    const received = this.#received;
    const headEnd = received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = received.slice(0, headEnd);
    const end = headEnd + HEAD_END.length + Number(LENGTH.exec(head)?.[1] ?? 0);
    if (received.length < end) return;
    this.#received = '';
    // HTTP/1.1 201 Created
    const status = Number(head.slice(9, 12));
    const body = status < 300 ? '' : received.slice(headEnd + HEAD_END.length);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve({ status, body });
  }

  #lost(error: Error): void {
    this.#socket = null;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(error);
  }
}
