import { POSITION_FRAME_KIND } from '../../protocol/index.ts';
import { required, seededRandom, sleep, systemClock, withDeadline } from '../../runtime/index.ts';
import { answerQuestions } from '../harness/index.ts';
import { somewhere } from '../orders/places.ts';
import { FixSender, type FixEncoding } from './fix-sender.ts';
import { RawWebSocket } from './raw-web-socket.ts';

/** The process of a whole fleet of couriers, and of those who watch it. */
export type FleetQuestion =
  | {
      readonly kind: 'connect';
      /** http://host:port */
      readonly url: string;
      readonly couriers: readonly FleetSocket[];
      readonly watchers: readonly FleetSocket[];
    }
  | ({ readonly kind: 'stream' } & StreamOptions);

export interface FleetSocket {
  readonly path: string;
  readonly token: string;
  /** Text that is sent when the socket has opened. */
  readonly says: readonly string[];
  /** Messages with which the server begins; a socket that has them has arrived. */
  readonly greetings: number;
}

export interface StreamOptions {
  readonly encoding: FixEncoding;
  /** Fixes a second, all couriers together; open-loop. */
  readonly rate: number;
  readonly seconds: number;
  readonly fixesPerFrame: number;
  /** How many of them send; all when it is left out. */
  readonly couriers?: number;
}

export interface StreamReport {
  readonly fixes: number;
  readonly seconds: number;
  /** Positions that came to watchers, and how long each took from the sending of its fix, ms. */
  readonly positions: number;
  readonly latenciesMs: Float64Array;
  /** How far behind its plan the load was at the worst, ms. */
  readonly behindMsMax: number;
  /** Sockets that the server has closed. */
  readonly lost: number;
}

const SEED = 3;
const ARRIVING_MAX = 64;
const ARRIVAL_MS_MAX = 20_000;
const TICK_MS = 1;
/** What is under way when the last fix was sent. */
const AFTERGLOW_MS = 300;
/** Digits at the end of a courier's id are its number. */
const ZERO = 48;
const NINE = 57;

const sockets: RawWebSocket[] = [];
const senders: FixSender[] = [];
/** Monotonic, ms, of the newest fix of each courier. */
let sentAtMs = new Float64Array(0);
let latenciesMs: number[] = [];
/** Whose turn it is: a stream goes on where the one before has ended. */
let turn = 0;

answerQuestions(async (question: FleetQuestion) =>
  question.kind === 'connect' ? await arrive(question) : await stream(question),
);

async function arrive({
  url,
  couriers,
  watchers,
}: Extract<FleetQuestion, { kind: 'connect' }>): Promise<null> {
  const random = seededRandom(SEED);
  const join = async (spec: FleetSocket, receive: (bytes: Buffer) => void) => {
    const arrived = Promise.withResolvers<void>();
    let greetings = 0;
    const socket = new RawWebSocket((bytes) => {
      greetings += 1;
      if (greetings >= spec.greetings) arrived.resolve();
      receive(bytes);
    });
    await socket.open({ url, ...spec });
    for (const text of spec.says) socket.sendText(text);
    if (spec.greetings === 0) arrived.resolve();
    await withDeadline(arrived.promise, ARRIVAL_MS_MAX, 'greetings');
    sockets.push(socket);
    return socket;
  };
  await inLanes([...couriers.entries()], async ([courier, spec]) => {
    const socket = await join(spec, () => undefined);
    senders[courier] = new FixSender(socket, somewhere(random));
  });
  sentAtMs = new Float64Array(couriers.length);
  await inLanes(watchers, (spec) => join(spec, heard));
  return null;
}

/** A position frame, here or from the peer; everything else is not looked at. */
function heard(bytes: Buffer): void {
  if (bytes[0] !== POSITION_FRAME_KIND) return;
  let courier = 0;
  let power = 1;
  for (let i = bytes.length - 1; i > 0; i--) {
    const digit = bytes[i] ?? 0;
    if (digit < ZERO || digit > NINE) break;
    courier += (digit - ZERO) * power;
    power *= 10;
  }
  const atMs = sentAtMs[courier] ?? 0;
  if (atMs > 0) latenciesMs.push(systemClock.monotonicMs() - atMs);
}

async function stream(options: StreamOptions): Promise<StreamReport> {
  const { encoding, rate, seconds, fixesPerFrame, couriers = senders.length } = options;
  const framesPerMs = rate / fixesPerFrame / 1000;
  const frames = Math.round(framesPerMs * seconds * 1000);
  const intervalMs = (couriers * 1000) / rate;
  latenciesMs = [];
  const startedMs = systemClock.monotonicMs();
  let sent = 0;
  let behindMsMax = 0;
  while (sent < frames) {
    const nowMs = systemClock.monotonicMs();
    const due = Math.min(frames, Math.floor((nowMs - startedMs) * framesPerMs));
    if (due > sent) behindMsMax = Math.max(behindMsMax, (due - sent) / framesPerMs);
    for (; sent < due; sent++) {
      const courier = turn++ % couriers;
      sentAtMs[courier] = systemClock.monotonicMs();
      required(senders[courier], 'a sender').send(encoding, fixesPerFrame, {
        nowMs: systemClock.nowMs(),
        intervalMs,
      });
    }
    await sleep(TICK_MS);
  }
  const tookMs = systemClock.monotonicMs() - startedMs;
  await sleep(AFTERGLOW_MS);
  return {
    fixes: frames * fixesPerFrame,
    seconds: tookMs / 1000,
    positions: latenciesMs.length,
    latenciesMs: Float64Array.from(latenciesMs),
    behindMsMax,
    lost: sockets.filter(({ isOpen }) => !isOpen).length,
  };
}

async function inLanes<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  const lane = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: ARRIVING_MAX }, lane));
}
