import { once } from 'node:events';
import type { Role } from '../../protocol/index.ts';
import { messageOf, sleep, systemClock } from '../../runtime/index.ts';
import { closeCodeIn, frame, OPCODES, textFrame, upgradeRequest } from '../wire/web-socket.ts';
import { Wire } from '../wire/wire.ts';
import type { Input } from './inputs.ts';
import type { Stage } from './stage.ts';

/** What an input led to: a word for the tally, and what must not have been. */
export interface Outcome {
  readonly what: string;
  readonly fault: string | null;
}

/** Whatever is well-formed is answered by then; the engine itself gives up after 10 s. */
const ANSWER_MS_MAX = 15_000;
/** Of bytes that may never be answered, so long is waited for what comes. */
const LISTEN_MS = 60;
const POLL_MS = 1;
/** Without it no fix would be looked at. */
const ON_DUTY = JSON.stringify({ type: 'set_duty', requestId: 'duty', onDuty: true });
/** What the socket library says of requests that are none; and what an engine may say that has too much to do. */
const INTENDED = new Set(['505', '503 overloaded', '503 shutting_down']);
/** Error codes of the engine that stand for a status of 500 and more. */
const FAULTS =
  /"code":"(internal_error|deadline_exceeded|database_\w+|statement_timeout|lock_timeout|transaction_conflict|payment_provider_\w+)"/;

/** One who fuzzes: it has a socket for each role, and opens another when one was closed. */
export class Lane {
  readonly #stage: Stage;
  readonly #lane: number;
  readonly #sockets = new Map<Role, Wire>();
  #pings = 0;

  constructor(stage: Stage, lane: number) {
    this.#stage = stage;
    this.#lane = lane;
  }

  /** Never rejects. */
  async deliver(input: Input): Promise<Outcome> {
    try {
      switch (input.kind) {
        case 'message':
          return await this.#say(input.role, textFrame(input.text));
        case 'fixes':
          return await this.#say(input.role, frame(input.bytes, { opcode: OPCODES.binary }));
        case 'request':
          return await this.#ask(input.bytes);
        case 'http':
          return await this.#write(input.bytes, input.pieces);
        case 'frames':
          return await this.#upgradeAndWrite(input.role, input.bytes);
      }
    } catch (error) {
      return { what: 'failed', fault: messageOf(error) };
    }
  }

  close(): void {
    for (const { socket } of this.#sockets.values()) socket.destroy();
  }

  /** Behind the message a ping, which is answered after it, unless the socket was closed. */
  async #say(role: Role, bytes: Buffer): Promise<Outcome> {
    const wire = await this.#socketOf(role);
    wire.received = '';
    this.#pings += 1;
    const ping = `ping-${this.#pings}`;
    wire.socket.write(bytes);
    wire.socket.write(textFrame(JSON.stringify({ type: 'ping', requestId: ping })));
    const answered = await until(() => wire.received.includes(ping) || wire.socket.closed);
    const code = /"error":\{"code":"(\w+)"/.exec(wire.received)?.[1] ?? 'ok';
    const what = wire.socket.closed ? `closed ${closeCodeOf(wire)}` : code;
    return { what, fault: answered ? faultIn(wire.received) : 'nothing was answered' };
  }

  async #socketOf(role: Role): Promise<Wire> {
    const known = this.#sockets.get(role);
    if (known !== undefined && !known.socket.closed) return known;
    const wire = await this.#open(role);
    this.#sockets.set(role, wire);
    return wire;
  }

  async #open(role: Role): Promise<Wire> {
    const { url, tokens, couriers } = this.#stage;
    const wire = new Wire(url);
    const token = role === 'courier' ? (couriers[this.#lane] ?? '') : tokens[role];
    wire.socket.write(upgradeRequest({ Authorization: `Bearer ${token}` }));
    const isRefused = (): boolean => wire.status !== '' && wire.status !== '101';
    await until(() => wire.received.includes('"welcome"') || isRefused() || wire.socket.closed);
    if (role === 'courier') wire.socket.write(textFrame(ON_DUTY));
    if (wire.status !== '101') throw new Error(`no WebSocket: ${wire.received.slice(0, 200)}`);
    return wire;
  }

  async #ask(bytes: Uint8Array): Promise<Outcome> {
    const wire = new Wire(this.#stage.url);
    wire.socket.write(bytes);
    const isHead = Buffer.from(bytes.subarray(0, 5)).toString() === 'HEAD ';
    const answered = await until(() => isWhole(wire.received, isHead) || wire.socket.closed);
    wire.socket.destroy();
    const { status } = wire;
    const isAnswered = answered && status !== '';
    return {
      what: status === '' ? 'nothing' : status,
      fault: isAnswered ? statusFault(wire) : 'nothing was answered',
    };
  }

  async #write(bytes: Uint8Array, pieces: number): Promise<Outcome> {
    const wire = new Wire(this.#stage.url);
    const size = Math.max(1, Math.ceil(bytes.length / pieces));
    for (let at = 0; at < bytes.length && !wire.socket.closed; at += size) {
      wire.socket.write(bytes.subarray(at, at + size));
      await sleep(POLL_MS);
    }
    await until(() => wire.status !== '' || wire.socket.closed, LISTEN_MS);
    wire.socket.destroy();
    return { what: wire.status || 'nothing', fault: statusFault(wire) };
  }

  async #upgradeAndWrite(role: Role, bytes: Uint8Array): Promise<Outcome> {
    const wire = await this.#open(role);
    wire.socket.write(bytes);
    await until(() => wire.socket.closed, LISTEN_MS);
    const what = wire.socket.closed ? `closed ${closeCodeOf(wire)}` : 'open';
    wire.socket.destroy();
    if (!wire.socket.closed) await once(wire.socket, 'close');
    return { what, fault: faultIn(wire.received) };
  }
}

function closeCodeOf(wire: Wire): string {
  // What was read before was thrown away, and with it perhaps the head of the answer.
  const { received } = wire;
  const head = received.startsWith('HTTP/') ? '' : '\r\n\r\n';
  return String(closeCodeIn(head + received) ?? 'cut');
}

function faultIn(received: string): string | null {
  return FAULTS.exec(received)?.[0] ?? null;
}

/** Of an answer that ought not to be; null when there is none. */
function statusFault({ statuses, received }: Wire): string | null {
  const fault = statuses.find((status) => {
    if (Number(status) < 500 || INTENDED.has(status)) return false;
    const code = /"code":"(\w+)"/.exec(received)?.[1] ?? '';
    return !INTENDED.has(`${status} ${code}`);
  });
  return fault === undefined ? null : received.slice(0, 500);
}

function isWhole(received: string, isHead: boolean): boolean {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1] ?? 0);
  return isHead || received.length >= headEnd + 4 + length;
}

/** @returns whether it came to that in time */
async function until(isSo: () => boolean, msMax = ANSWER_MS_MAX): Promise<boolean> {
  const untilMs = systemClock.monotonicMs() + msMax;
  while (!isSo()) {
    if (systemClock.monotonicMs() > untilMs) return false;
    await sleep(POLL_MS);
  }
  return true;
}
