import { createHmac } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** Those who are told: a mail server and a program that listens, both real, both able to misbehave. */

const LISTENERS_MAX = 1_000;

/** A list that can be waited for. */
class Heard<Item> {
  readonly all: Item[] = [];
  readonly #changed = new EventEmitter().setMaxListeners(LISTENERS_MAX);

  add(item: Item): void {
    this.all.push(item);
    this.#changed.emit('item');
  }

  /** The first that is as asked for, of all so far and to come. */
  async first(asked: (item: Item) => boolean): Promise<Item> {
    for (;;) {
      const found = this.all.find(asked);
      if (found !== undefined) return found;
      await once(this.#changed, 'item');
    }
  }
}

export interface ReceivedMail {
  readonly to: string;
  /** As it came, headers and all. */
  readonly source: string;
  readonly messageId: string;
}

/** Port 0 takes a free one. */
export async function startMailServer(port = 0) {
  const mails = new Heard<ReceivedMail>();
  const behaviour = { refuseWith: 0, refuseNext: 0 };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo({ address }, _session, done) {
      if (behaviour.refuseNext === 0) return done();
      behaviour.refuseNext -= 1;
      const refusal = new Error(`mailbox of ${address} says no`);
      return done(Object.assign(refusal, { responseCode: behaviour.refuseWith }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const source = Buffer.concat(chunks).toString();
        const messageId = /^Message-ID: <(.+)>/im.exec(source)?.[1] ?? '';
        mails.add({ to: session.envelope.rcptTo[0]?.address ?? '', source, messageId });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const { port: bound } = server.server.address() as AddressInfo;
  return {
    mails,
    behaviour,
    port: bound,
    url: `smtp://127.0.0.1:${bound}`,
    async stop(): Promise<void> {
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}

export interface ReceivedWebhook {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

export type Answer = (response: ServerResponse) => void;

export async function startListener() {
  const posts = new Heard<ReceivedWebhook>();
  const answers: Answer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { headers, url: path = '' } = request;
      posts.add({ headers, path, body: Buffer.concat(chunks).toString() });
      const answer = answers.shift() ?? ((r: ServerResponse) => r.writeHead(204).end());
      answer(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    posts,
    /** How the next requests are answered; after these with 204. */
    answers,
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/hooks`,
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** As a receiver checks it: over the id, the time and the body as they came. */
export function isSigned({ headers, body }: ReceivedWebhook, secret: string): boolean {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const mac = createHmac('sha256', key).update(signed).digest('base64');
  return headers['webhook-signature'] === `v1,${mac}`;
}
