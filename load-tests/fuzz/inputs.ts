import fc from 'fast-check';
import { encodeFixes, type Role } from '../../protocol/index.ts';
import { frame, OPCODES, textFrame } from '../wire/web-socket.ts';
import { mutatedBytes, mutatedJson } from './mutations.ts';
import { CITY_TERMS, COURIER_TERMS, ORDER, RESTAURANT, RESTAURANT_TERMS, ROLES } from './stage.ts';
import type { Stage } from './stage.ts';

/** What is sent, all of it; a run of the same seed on the same orders sends the same. */
export type Input =
  /** Text over a WebSocket that was opened in order. */
  | { readonly kind: 'message'; readonly role: Role; readonly text: string }
  /** A binary frame, likewise. */
  | { readonly kind: 'fixes'; readonly role: Role; readonly bytes: Uint8Array }
  /** A request that is well-formed as HTTP: it must be answered. */
  | { readonly kind: 'request'; readonly bytes: Uint8Array }
  /** Bytes in the place of a request, in so many pieces. */
  | { readonly kind: 'http'; readonly bytes: Uint8Array; readonly pieces: number }
  /** Bytes after an upgrade. */
  | { readonly kind: 'frames'; readonly role: Role; readonly bytes: Uint8Array };

export const KINDS = ['message', 'fixes', 'request', 'http', 'frames'] as const;

const ABSENT = '0190f000-0000-7000-8000-000000000001';
const roles = fc.constantFrom(...ROLES);

/** By kind: what a run draws its inputs from. */
export function inputsFor(stage: Stage): Readonly<Record<Input['kind'], fc.Arbitrary<Input>>> {
  const messages = messagesOf(stage);
  const fixFrames = fixFramesOf(stage);
  const message = fc.constantFrom(...messages).chain(([role, base]) =>
    fc.record({
      kind: fc.constant('message' as const),
      role: fc.oneof({ weight: 9, arbitrary: fc.constant(role) }, { weight: 1, arbitrary: roles }),
      text: mutatedJson([{ ...base, requestId: 'r' }]),
    }),
  );
  const requests = requestsOf(stage);
  const pieces = fc.integer({ min: 1, max: 4 });
  return {
    message,
    fixes: fc.record({
      kind: fc.constant('fixes'),
      role: fc.constantFrom<Role>('courier', 'courier', 'courier', 'customer'),
      bytes: mutatedBytes(fixFrames),
    }),
    request: requests.map((bytes) => ({ kind: 'request', bytes })),
    http: fc.record({
      kind: fc.constant('http'),
      bytes: mutatedBytes(fc.oneof(requests, framings(stage))),
      pieces,
    }),
    frames: fc.record({
      kind: fc.constant('frames'),
      role: roles,
      bytes: mutatedBytes(
        framesOf(
          message.map(({ text }) => text),
          fixFrames,
        ),
      ),
    }),
  };
}

/** Fixes that may be, fixes that may not, and what are none. */
function fixFramesOf({ beganMs }: Stage): fc.Arbitrary<Uint8Array> {
  const degrees = fc.double({ min: -200, max: 200, noNaN: true });
  const nearby = fc.double({ min: -0.01, max: 0.01, noNaN: true });
  const fix = fc.record({
    lat: fc.oneof(
      nearby.map((off) => RESTAURANT.lat + off),
      degrees,
    ),
    lng: fc.oneof(
      nearby.map((off) => RESTAURANT.lng + off),
      degrees,
    ),
    sequence: fc.integer({ min: 0, max: 0xffff_ffff }),
    atMs: fc.oneof(
      fc.integer({ min: -60_000, max: 60_000 }).map((off) => beganMs + off),
      fc.double({ min: 0, max: 2 ** 48 - 1, noNaN: true }),
    ),
    speedMps: fc.double({ min: 0, max: 700, noNaN: true }),
    headingDegrees: fc.double({ min: 0, max: 720, noNaN: true }),
    accuracyMeters: fc.double({ min: 0, max: 300, noNaN: true }),
  });
  return fc.oneof(
    { weight: 9, arbitrary: fc.array(fix, { minLength: 1, maxLength: 170 }).map(encodeFixes) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 5_000 }) },
  );
}

/** One of each message, as the SDK would say it, and who may. */
function messagesOf(stage: Stage): readonly (readonly [Role, object])[] {
  const { orderIds, tokens, beganMs } = stage;
  const [orderId = ABSENT, other = ABSENT] = orderIds;
  const why = 'because';
  const fix = { ...RESTAURANT, sequence: 1, atMs: beganMs, speedMps: 0, headingDegrees: 0 };
  const area = { south: 52.5, west: 13.38, north: 52.54, east: 13.42 };
  const topic = `order:${orderId}`;
  return [
    ['restaurant', { type: 'accept_order', orderId, preparationSeconds: 60 }],
    ['restaurant', { type: 'reject_order', orderId: other, reason: 'other' }],
    ['restaurant', { type: 'start_preparation', orderId }],
    ['restaurant', { type: 'delay_order', orderId, bySeconds: 60, why }],
    ['restaurant', { type: 'mark_ready', orderId }],
    ['courier', { type: 'accept_offer', orderId, offerId: ABSENT }],
    ['courier', { type: 'decline_offer', orderId, offerId: ABSENT }],
    ['courier', { type: 'pick_up', orderId }],
    ['courier', { type: 'depart', orderId }],
    ['courier', { type: 'deliver', orderId, code: '123456' }],
    ['customer', { type: 'modify_order', orderId, items: ORDER.items, expectedTotalMinor: 1 }],
    ['customer', { type: 'cancel_order', orderId: other, expectedRefundMinor: 1 }],
    ['customer', { type: 'rate_order', orderId, courierStars: 5, comment: 'good' }],
    ['operator', { type: 'assign_courier', orderId, courierId: 'near', why }],
    ['operator', { type: 'unassign_courier', orderId, why }],
    ['operator', { type: 'operator_cancel', orderId: other, why, refundMinor: 1 }],
    ['operator', { type: 'confirm_delivery', orderId, why }],
    ['operator', { type: 'refund_order', orderId, amountMinor: 1, why }],
    ['restaurant', { type: 'set_item', itemId: 'soup', available: true, stock: 100_000 }],
    ['restaurant', { type: 'pause_orders', forSeconds: 1 }],
    ['restaurant', { type: 'resume_orders' }],
    ['courier', { type: 'set_duty', onDuty: true, untilMs: beganMs + 3_600_000 }],
    ['customer', { type: 'subscribe', topic, since: { epoch: 'e', offset: 1 } }],
    ['customer', { type: 'subscribe', topic }],
    ['customer', { type: 'unsubscribe', topic }],
    ['operator', { type: 'watch_area', area }],
    ['service', { type: 'ping' }],
    ['customer', { type: 'refresh', token: tokens.customer }],
    ['courier', { type: 'fix', fix: { ...fix, accuracyMeters: 5 } }],
  ];
}

/** What each path takes that takes anything. */
function bodiesOf({
  orderIds,
}: Stage): readonly (readonly [Role | null, string, string, unknown])[] {
  const [orderId = ABSENT] = orderIds;
  const preferences = { email: 'anna@mail.example', language: 'en', timeZone: 'Europe/Berlin' };
  return [
    [
      'customer',
      'POST',
      '/v1/orders',
      { ...ORDER, reference: 'r', scheduledForMs: 1, expectedTotalMinor: 1 },
    ],
    ['customer', 'POST', '/v1/orders', ORDER],
    ['customer', 'POST', `/v1/orders/${orderId}/commands`, { type: 'cancel_order' }],
    [
      'customer',
      'POST',
      `/v1/orders/${orderId}/commands`,
      { type: 'rate_order', restaurantStars: 1 },
    ],
    [
      'restaurant',
      'POST',
      '/v1/restaurants/soup-house/commands',
      { type: 'set_item', itemId: 'soup', stock: 9 },
    ],
    ['customer', 'POST', '/v1/ws-ticket', {}],
    ['service', 'POST', '/v1/revocations', { role: 'customer', subject: 'nobody', endsAtMs: 9e15 }],
    ['service', 'POST', '/v1/revocations', { tokenId: 'nothing' }],
    ['service', 'PUT', '/v1/cities/another', { ...CITY_TERMS, dispatch: { strategy: 'optimal' } }],
    ['service', 'PUT', '/v1/cities/another/restaurants/a', RESTAURANT_TERMS],
    ['service', 'PUT', '/v1/cities/another/couriers/a', COURIER_TERMS],
    ['customer', 'PUT', '/v1/notifications/preferences', preferences],
    [
      'restaurant',
      'PUT',
      '/v1/notifications/webhook',
      { url: 'https://example.com/hook', kinds: null },
    ],
    [null, 'POST', '/v1/payments/webhook', { id: 'evt_1', type: 'payment_intent.succeeded' }],
  ];
}

const READINGS = [
  '/v1/orders',
  '/v1/orders/ID',
  '/v1/orders/ID/cancellation',
  '/v1/orders/ID/reorder',
  '/v1/orders/ID/track',
  '/v1/orders/ID/notifications',
  '/v1/attention',
  '/v1/cities/ID/heat?resolution=8',
  '/v1/restaurants',
  '/v1/restaurants/ID',
  '/v1/restaurants/ID/days',
  '/v1/couriers/ID/days',
  '/v1/notifications',
  '/v1/notifications/preferences',
  '/v1/notifications/webhook',
  '/v1/status',
  '/openapi.json',
  '/docs',
];
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'BREW'];

/** Without what HTTP itself would stumble over: that is tried elsewhere. */
const printable = fc.string({ unit: 'grapheme-ascii', maxLength: 300 });
const pathPart = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '%00',
    '%ff',
    '%',
    'near',
    'soup-house',
    'fuzzed',
    '*',
    '{}',
  ),
  fc
    .string({ unit: 'binary', maxLength: 100 })
    .map((text) => encodeURIComponent(text.toWellFormed())),
);

function requestsOf(stage: Stage): fc.Arbitrary<Uint8Array> {
  const ids = fc.oneof(fc.constantFrom(...stage.orderIds, ABSENT), pathPart);
  const query = fc.oneof(
    fc.constant(''),
    fc
      .tuple(fc.constantFrom('resolution', 'limit', 'since', '__proto__', 'a'), pathPart)
      .map(([name, value]) => `?${name}=${value}&${name}=${value}`),
  );
  const anybody = fc.constantFrom<Role | null>(...ROLES, null);
  const reading = fc.record({
    role: anybody,
    method: fc.constantFrom(...METHODS),
    path: fc
      .tuple(fc.constantFrom(...READINGS), ids, query)
      .map(([path, id, more]) => path.replace('ID', id) + more),
    body: fc.constant(''),
  });
  const writing = fc.constantFrom(...bodiesOf(stage)).chain(([role, method, path, base]) =>
    fc.record({
      role: fc.oneof(
        { weight: 9, arbitrary: fc.constant(role) },
        { weight: 1, arbitrary: anybody },
      ),
      method: fc.constant(method),
      path: fc.oneof(
        { weight: 9, arbitrary: fc.constant(path) },
        { weight: 1, arbitrary: ids.map((more) => `${path}/${more}`) },
      ),
      body: mutatedJson([base]),
    }),
  );
  return fc
    .tuple(fc.oneof(reading, writing), headers)
    .map(([request, more]) => requestBytes(request, more, stage.tokens));
}

const mostly = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 9, arbitrary: value }, { weight: 1, arbitrary: printable });

const headers: fc.Arbitrary<Readonly<Record<string, string>>> = fc.record(
  {
    'Content-Type': mostly(fc.constant('application/json')),
    'Idempotency-Key': mostly(fc.uuid()),
    'X-Correlation-Id': printable,
    'X-Forwarded-For': printable,
    'Stripe-Signature': printable,
    Authorization: printable,
    Origin: printable,
  },
  { requiredKeys: ['Content-Type', 'Idempotency-Key'] },
);

interface Request {
  readonly role: Role | null;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

function requestBytes(
  { role, method, path, body }: Request,
  headers: Readonly<Record<string, string>>,
  tokens: Stage['tokens'],
): Uint8Array {
  const length = Buffer.byteLength(body);
  const { Authorization, ...others } = headers;
  const token = role === null ? Authorization : `Bearer ${tokens[role]}`;
  const all = {
    Host: 'x',
    ...others,
    ...(token === undefined ? {} : { Authorization: token }),
    ...(length === 0 ? {} : { 'Content-Length': `${length}` }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** Requests whose ends are said in ways that differ. */
function framings({ tokens }: Stage): fc.Arbitrary<Uint8Array> {
  const headers = [`Authorization: Bearer ${tokens.customer}`, 'Content-Type: application/json'];
  const body = JSON.stringify(ORDER);
  const lengths = ['5', '0', '-1', '+5', '0x5', '5, 5', '18446744073709551616', '1e3', '', ' 5 '];
  const chunks = [
    `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    'FFFFFFFFFFFFFFFF\r\nx',
    '-1\r\nx\r\n0\r\n\r\n',
    '5;a=b\r\nhello\r\n0\r\nTrailer: x\r\n\r\n',
    '0\r\n\r\nGET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n',
  ];
  const said = fc.oneof(
    fc.constantFrom(...lengths).map((length) => [`Content-Length: ${length}`, body] as const),
    fc.constantFrom(...chunks).map((chunk) => ['Transfer-Encoding: chunked', chunk] as const),
    fc
      .constantFrom(...chunks)
      .map((chunk) => ['Content-Length: 5\r\nTransfer-Encoding: chunked', chunk] as const),
    fc
      .constantFrom('chunked, identity', 'xchunked', 'gzip', '\tchunked', 'chunked\r\n x')
      .map((coding) => [`Transfer-Encoding: ${coding}`, chunks[0] ?? ''] as const),
    fc.constant(['Expect: 100-continue\r\nContent-Length: 5', ''] as const),
    fc.constant([`Content-Length: 5\r\nContent-Length: ${body.length}`, body] as const),
  );
  return said.map(([line, rest]) =>
    Buffer.from(
      `POST /v1/orders HTTP/1.1\r\nHost: x\r\n${headers.join('\r\n')}\r\n${line}\r\n\r\n${rest}`,
    ),
  );
}

/** Several frames of any form, in one piece. */
function framesOf(
  text: fc.Arbitrary<string>,
  fixFrames: fc.Arbitrary<Uint8Array>,
): fc.Arbitrary<Uint8Array> {
  const form = fc.record(
    {
      opcode: fc.oneof(fc.constantFrom(...Object.values(OPCODES)), fc.integer({ min: 0, max: 15 })),
      final: fc.boolean(),
      reserved: fc.oneof(
        { weight: 9, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.nat(7) },
      ),
      masked: fc.oneof(
        { weight: 9, arbitrary: fc.constant(true) },
        { weight: 1, arbitrary: fc.constant(false) },
      ),
      announcedBytes: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    },
    { requiredKeys: ['opcode', 'final', 'reserved', 'masked'] },
  );
  const anyFrame = fc
    .tuple(fc.oneof(text, fc.string({ unit: 'binary' })), form)
    .map(([payload, how]) => frame(payload, how));
  const right = text.map(textFrame);
  const fixes = fixFrames.map((bytes) => frame(bytes, { opcode: OPCODES.binary }));
  return fc
    .array(fc.oneof(anyFrame, right, fixes), { minLength: 1, maxLength: 6 })
    .map((frames) => Buffer.concat(frames));
}
