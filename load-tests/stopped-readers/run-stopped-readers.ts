import { HexfleetSocket } from '../../clients/ts/index.ts';
import { sleep, systemClock, withDeadline } from '../../runtime/index.ts';
import type { EngineProcess } from '../engine-process/index.ts';
import { WatchedOrders } from '../reconnect/watched-orders.ts';
import { distributionOf } from '../replay/statistics.ts';
import { StoppedReader } from './stopped-reader.ts';

const READERS = 10;
const POLL_MS = 20;
const HEARD_MS_MAX = 30_000;

export interface StoppedReadersOptions {
  readonly stopped: number;
  /** Events of the one order that all of them watch, before and beside the stopped readers. */
  readonly events: number;
  /** How long to wait in the end until all of them are closed. */
  readonly closedMsMax: number;
}

/** How it went for those who read while an order changed. */
interface Phase {
  /** From the command to the event at a reader. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly residentMb: number;
}

export interface StoppedReadersResult {
  readonly alone: Phase;
  readonly beside: Phase;
  /** The most that was seen at any moment. */
  readonly residentMbMax: number;
  /** Sockets that the engine closed because their readers were too slow, or gave no sign of life. */
  readonly closed: number;
  /** Events that a reader did not hear. */
  readonly missed: number;
}

/**
 * An order changes again and again, and some watch it: first alone, then beside many who have stopped
 * reading.
 * @param told what happens, for who waits
 */
export async function runStoppedReaders(
  engine: EngineProcess,
  { stopped, events, closedMsMax }: StoppedReadersOptions,
  told: (what: string) => void = () => undefined,
): Promise<StoppedReadersResult> {
  const { url } = engine.facts;
  const orders = await WatchedOrders.place(url, await engine.jwtSecret(), 1);
  const topic = `order:${orders.orderIds[0]}`;
  const token = await orders.operatorToken();
  const readers = Array.from({ length: READERS }, () => new Reader(url, token));
  const sleepers: StoppedReader[] = [];
  const memory = new MemoryWatch(engine);
  try {
    for (const reader of readers) await reader.listen(topic);
    // What is compiled and allocated once is not the stopped readers' doing.
    await phaseOf(orders, { readers, events, memory });
    const alone = await phaseOf(orders, { readers, events, memory });
    told(`alone: ${JSON.stringify(alone)}`);
    for (let i = 0; i < stopped; i++) {
      sleepers.push(await StoppedReader.listen(url, token, topic));
    }
    const beside = await phaseOf(orders, { readers, events, memory });
    told(`beside ${stopped} stopped readers: ${JSON.stringify(beside)}`);
    const closed = stopped - (await othersThan(readers.length, engine, closedMsMax));
    const missed = readers.reduce((sum, reader) => sum + reader.missed, 0);
    return { alone, beside, residentMbMax: memory.maxMb, closed, missed };
  } finally {
    memory.stop();
    for (const reader of readers) reader.close();
    for (const sleeper of sleepers) sleeper.stop();
  }
}

async function phaseOf(
  orders: WatchedOrders,
  { readers, events, memory }: { readers: readonly Reader[]; events: number; memory: MemoryWatch },
): Promise<Phase> {
  const saidMs = new Map<number, number>();
  let last = 0;
  for (let event = 0; event < events; event++) {
    const atMs = systemClock.monotonicMs();
    last = await orders.changeOne(0);
    saidMs.set(last, atMs);
  }
  const untilMs = systemClock.monotonicMs() + HEARD_MS_MAX;
  const areBehind = (): boolean => readers.some(({ newest }) => newest < last);
  while (areBehind() && systemClock.monotonicMs() < untilMs) await sleep(POLL_MS);
  const latencies = readers.flatMap((reader) => reader.takeLatencies(saidMs));
  const { p50, p99 } = distributionOf(latencies);
  return { p50Ms: p50 ?? Number.NaN, p99Ms: p99 ?? Number.NaN, residentMb: await memory.now() };
}

/** Sockets that are open beside so many; waits for those that the engine will close. */
async function othersThan(count: number, engine: EngineProcess, msMax: number): Promise<number> {
  const untilMs = systemClock.monotonicMs() + msMax;
  for (;;) {
    const open = (await figureOf(engine, 'hexfleet_sockets')) - count;
    if (open <= 0 || systemClock.monotonicMs() > untilMs) return open;
    await sleep(POLL_MS);
  }
}

/** Reads what comes, and knows when. */
class Reader {
  readonly #socket: HexfleetSocket;
  readonly #heardMs = new Map<number, number>();
  readonly #begun = Promise.withResolvers<void>();
  newest = 0;
  missed = 0;

  constructor(url: string, token: string) {
    this.#socket = new HexfleetSocket({
      url,
      token,
      onMessage: (message) => {
        if (message.type === 'snapshot') this.#begun.resolve();
        if (message.type !== 'order_event') return;
        this.#heardMs.set(message.sequence, systemClock.monotonicMs());
        this.newest = message.sequence;
      },
    });
  }

  async listen(topic: string): Promise<void> {
    await this.#socket.subscribe(topic);
    await withDeadline(this.#begun.promise, HEARD_MS_MAX, 'snapshot');
  }

  takeLatencies(saidMs: ReadonlyMap<number, number>): number[] {
    const latencies = [...saidMs].flatMap(([sequence, atMs]) => {
      const heardMs = this.#heardMs.get(sequence);
      return heardMs === undefined ? [] : [heardMs - atMs];
    });
    this.missed += saidMs.size - latencies.length;
    this.#heardMs.clear();
    return latencies;
  }

  close(): void {
    this.#socket.close();
  }
}

/** The engine's memory, looked at again and again. */
class MemoryWatch {
  readonly #engine: EngineProcess;
  readonly #timer: NodeJS.Timeout;
  maxMb = 0;

  constructor(engine: EngineProcess) {
    this.#engine = engine;
    this.#timer = setInterval(() => void this.now().catch(() => undefined), 250);
  }

  async now(): Promise<number> {
    const mb = (await figureOf(this.#engine, 'process_resident_memory_bytes')) / 2 ** 20;
    this.maxMb = Math.max(this.maxMb, mb);
    return mb;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

async function figureOf({ facts }: EngineProcess, name: string): Promise<number> {
  const response = await fetch(new URL('/metrics', facts.opsUrl), {
    signal: AbortSignal.timeout(HEARD_MS_MAX),
  });
  const line = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm');
  const found = [...(await response.text()).matchAll(line)];
  return found.reduce((sum, [, figure]) => sum + Number(figure), 0);
}
