import { expect, test } from 'vitest';
import {
  encodeFixes,
  protocolErrors,
  type OrderSummary,
  type ServerMessage,
} from '../../protocol/index.ts';
import {
  createLogger,
  Metrics,
  readConfig,
  systemClock,
  TimeScale,
  type AppError,
  type CityId,
} from '../../runtime/index.ts';
import { InFlight } from '../in-flight.ts';
import { gatewayInstruments } from '../instruments.ts';
import { LiveMap } from '../live-map/live-map.ts';
import type { OrderDesk } from '../ports.ts';
import { signToken, TokenVerifier } from '../tokens.ts';
import { Tracking } from '../tracking.ts';
import { FixIntake } from './fix-intake.ts';
import { Session } from './session.ts';
import { Topics } from './topics.ts';

const SECRET = 'a secret of more than thirty-two characters';

/** A courier's session whose port answers when it is told to. */
function courierSession({
  expiresInMs = 120_000,
  env = {},
}: { expiresInMs?: number; env?: Readonly<Record<string, string>> } = {}) {
  const heard: ServerMessage[] = [];
  const taken: string[] = [];
  const closed: number[] = [];
  const execution = Promise.withResolvers<OrderSummary>();
  const draining: { refusal: AppError | null } = { refusal: null };
  const metrics = new Metrics(false);
  const config = readConfig(env);
  const [topics, inFlight, timeScale] = [new Topics(), new InFlight(), new TimeScale(1)];
  const index = {
    positionOf: () => null,
    slotOf: () => 7,
    generationOf: () => 1,
    isStill: () => true,
    idOf: () => 'k1',
    moveSlot: (slot: number) => taken.push(`slot ${slot}`),
  };
  const cities = { city: () => ({ index }) as never };
  const history = { append: () => undefined };
  const shared = { topics, cities, history, clock: systemClock, timeScale, metrics };
  const tracking = new Tracking({
    ...shared,
    courierSilenceSeconds: 300,
    positionsEveryMs: () => 0,
  });
  const orders = {
    courierWork: () =>
      Promise.resolve({
        vehicle: 'bicycle',
        onDuty: true,
        shiftEndsAtMs: null,
        available: true,
        orders: [],
        offers: [],
      }),
    execute: () => execution.promise,
  } as unknown as OrderDesk;
  const socket = {
    isOpen: true,
    backlogBytes: () => 0,
    close: (code: number) => void closed.push(code),
    send: (data: string | Uint8Array) => void heard.push(JSON.parse(String(data)) as ServerMessage),
  };
  const actor = { role: 'courier', subject: 'k1', cityId: 'c1' as CityId } as const;
  const expiresAtMs = systemClock.nowMs() + expiresInMs;
  const identity = { actor, expiresAtMs, issuedAtMs: 0, tokenId: null };
  const session = new Session(
    socket,
    { ...identity, tier: 'standard', subprotocol: 'hexfleet.v1.json', since: null },
    {
      ...shared,
      config,
      overload: { require: () => undefined } as never,
      orders,
      tokens: new TokenVerifier(SECRET, systemClock),
      tracking,
      inFlight,
      fixes: new FixIntake({ ...shared, config, tracking }),
      liveMap: new LiveMap({ ...shared, log: createLogger('silent') }),
      instruments: gatewayInstruments(metrics, () => 1),
      refusesWork: () => draining.refusal,
      log: createLogger('silent'),
    },
    () => undefined,
  );
  const say = (message: object): void => {
    session.text(new TextEncoder().encode(JSON.stringify(message)).buffer);
  };
  return { session, say, heard, taken, closed, execution, draining, inFlight };
}

const orderId = '0190f000-0000-7000-8000-000000000001';
const fix = { lat: 52, lng: 13, sequence: 1, speedMps: 0, headingDegrees: 0, accuracyMeters: 5 };

test('while the engine drains, what is in hand is answered, commands are refused, fixes taken', async () => {
  const { session, say, heard, taken, execution, draining, inFlight } = courierSession();
  await expect.poll(() => heard.map(({ type }) => type)).toEqual(['welcome', 'snapshot']);
  say({ type: 'pick_up', requestId: 'in hand', orderId });
  say({ type: 'depart', requestId: 'queued', orderId });
  draining.refusal = protocolErrors.make('shutting_down');
  const idle = inFlight.idle().then(() => heard.push({ type: 'idle' } as never));
  say({ type: 'deliver', requestId: 'new', orderId });
  const atMs = systemClock.nowMs() - 1_000;
  session.frames.frame(encodeFixes([{ ...fix, atMs }]).buffer);
  expect(heard[2]).toMatchObject({ requestId: 'new', error: { code: 'shutting_down' } });
  expect(taken).toEqual(['slot 7']);
  say({ type: 'fix', requestId: 'fix', fix: { ...fix, sequence: 2, atMs: atMs + 500 } });
  execution.resolve({} as OrderSummary);
  await idle;
  const answers = heard
    .slice(3)
    .filter(({ type }) => type !== 'fixes_ack')
    .map((m) => ('requestId' in m ? `${m.type} ${m.requestId}` : m.type));
  expect(answers).toEqual(['ok in hand', 'ok queued', 'ok fix', 'idle']);
  expect(taken).toEqual(['slot 7', 'slot 7']);
  session.closed();
});

function tokenOf(subject: string, seconds: number): Promise<string> {
  const actor = { role: 'courier', subject, cityId: 'c1' } as const;
  return signToken(SECRET, actor, seconds, systemClock.nowMs());
}

test('who comes with a token that is about to expire is asked for another, and goes on with it', async () => {
  const { session, say, heard, closed } = courierSession({ expiresInMs: 1_000 });
  const types = (): string[] => heard.map(({ type }) => type);
  await expect.poll(types).toEqual(['welcome', 'token_expires', 'snapshot']);
  say({ type: 'refresh', requestId: 'bad', token: 'a.b.c' });
  say({ type: 'refresh', requestId: 'good', token: await tokenOf('k1', 3_600) });
  await expect.poll(types).toHaveLength(5);
  expect(heard.slice(3)).toMatchObject([
    { type: 'error', requestId: 'bad', error: { code: 'unauthorized' } },
    { type: 'ok', requestId: 'good' },
  ]);
  expect(session.identity.expiresAtMs).toBeGreaterThan(systemClock.nowMs() + 3_500_000);
  expect(closed).toEqual([]);
  session.closed();
});

test('a token that was not refreshed ends the session when it expires', async () => {
  const { session, closed } = courierSession({ expiresInMs: 100 });
  await expect.poll(() => closed).toEqual([4401]);
  session.closed();
});

test("somebody else's token ends the session", async () => {
  const { session, say, closed } = courierSession();
  say({ type: 'refresh', requestId: 'r', token: await tokenOf('k2', 60) });
  await expect.poll(() => closed).toEqual([4401]);
  session.closed();
});
