import type { z } from 'zod';
import {
  CLOSE_CODES,
  clientMessageSchemas,
  COURIER_FRAME_BYTES_MAX,
  FIX_FRAME_LAYOUT,
  FRAME_BYTES_MAX,
  offerViewSchema,
  orderSummarySchema,
  orderViewSchema,
  placeSchema,
  POSITION_FRAME_LAYOUT,
  PROTOCOL_VERSION,
  serverMessageSchemas,
  SOCKET_IDLE_SECONDS,
  SUBPROTOCOLS,
  TOPICS_PER_SOCKET_MAX,
  wireErrorSchema,
  type ClientMessage,
  type CloseCode,
  type FrameLayout,
} from '../../protocol/index.ts';
import { MESSAGE_ROLES } from '../authorization.ts';
import { jsonSchemas, schemaRef, type JsonSchema } from './json-schemas.ts';
import { ACCESS_TOKEN, LICENSE, type ErrorCodes } from './common.ts';

/** One message: JSON by its schema, or a binary frame by its layout. */
export interface Message {
  readonly name: string;
  readonly summary: string;
  readonly contentType: string;
  readonly payload: JsonSchema;
  readonly correlationId?: { readonly location: string };
  /** Who may send it; only of what clients send. */
  readonly 'x-roles'?: readonly string[];
  readonly 'x-layout'?: FrameLayout;
}

interface Ref {
  readonly $ref: string;
}

interface Operation {
  /** Seen from the engine. */
  readonly action: 'send' | 'receive';
  readonly channel: Ref;
  readonly messages: readonly Ref[];
  readonly reply?: { readonly channel: Ref; readonly messages: readonly Ref[] };
}

export interface AsyncApiDocument {
  readonly asyncapi: '3.0.0';
  readonly info: Readonly<Record<'title' | 'version' | 'description', string>> & {
    readonly license: { readonly name: string };
  };
  readonly defaultContentType: string;
  readonly servers: Readonly<Record<string, unknown>>;
  readonly channels: { readonly socket: { readonly messages: Readonly<Record<string, Message>> } };
  readonly operations: Readonly<Record<string, Operation>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
  readonly 'x-close-codes': Readonly<Record<string, CloseCode>>;
  readonly 'x-error-codes': ErrorCodes;
}

const KB = 1024;
const DESCRIPTION = `\
One socket, \`/v1/ws\`, with the same token as REST in the header \`Authorization\`. \
\`Sec-WebSocket-Protocol\` chooses how the engine speaks: on \`hexfleet.v1.json\` JSON text, on \
\`hexfleet.v1.bin\` the same as MessagePack, and positions as a binary frame. Clients send JSON text on \
both, and couriers may send their fixes as binary frames on both.

The engine begins with \`welcome\`. Restaurants and couriers then hear of their own topic, \
\`restaurant:ID\` or \`courier:ID\`, without asking; everybody else subscribes to orders, \`order:ID\`. \
A topic begins with its \`snapshot\`; events follow, each order's in the sequence of their numbers.

A command is answered once, with its \`requestId\`, by \`ok\` or \`error\`; commands of one socket are \
carried out one after the other. A type or a field that is not known is \`invalid_request\`. Clients \
ignore types and fields of the engine's messages that they do not know.

Limits: frames of ${COURIER_FRAME_BYTES_MAX / KB} KB from couriers and ${FRAME_BYTES_MAX / KB} KB from \
others, ${TOPICS_PER_SOCKET_MAX} topics. The engine pings, and closes a socket of which it hears nothing \
for ${SOCKET_IDLE_SECONDS} s.`;

const SOCKET: Ref = { $ref: '#/channels/socket' };
const messageRef = (name: string): Ref => ({ $ref: `#/channels/socket/messages/${name}` });
const ANSWER = { channel: SOCKET, messages: [messageRef('ok'), messageRef('error')] };
const BY_REQUEST_ID = { location: '$message.payload#/requestId' };

const FIXES = binaryMessage(FIX_FRAME_LAYOUT, { 'x-roles': MESSAGE_ROLES.fix });
const POSITION = binaryMessage(POSITION_FRAME_LAYOUT, {});

/** @param errors of all folders */
export function asyncApiDocument(errors: ErrorCodes): AsyncApiDocument {
  const received = clientMessageSchemas.map((schema) => messageOf(schema, 'received'));
  const sent = serverMessageSchemas.map((schema) => messageOf(schema, 'sent'));
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Hexfleet socket',
      version: PROTOCOL_VERSION,
      description: DESCRIPTION,
      license: { name: LICENSE.name },
    },
    defaultContentType: 'application/json',
    servers: {
      engine: {
        host: '{host}',
        protocol: 'ws',
        variables: { host: { default: '127.0.0.1:8080', description: 'Where the engine is.' } },
        security: [{ $ref: '#/components/securitySchemes/accessToken' }],
      },
    },
    channels: { socket: socketChannel([...received, FIXES, ...sent, POSITION]) },
    operations: Object.fromEntries([
      ...received.map((message) => operation(message, 'receive', { reply: ANSWER })),
      operation(FIXES, 'receive', {}),
      ...[...sent, POSITION].map((message) => operation(message, 'send', {})),
    ]),
    components: {
      schemas: socketSchemas(),
      securitySchemes: { accessToken: ACCESS_TOKEN },
    },
    'x-close-codes': CLOSE_CODES,
    'x-error-codes': errors,
  };
}

function socketChannel(messages: readonly Message[]) {
  return {
    address: '/v1/ws',
    description: 'Everything, both ways.',
    messages: Object.fromEntries(messages.map((message) => [message.name, message])),
    bindings: {
      ws: {
        method: 'GET',
        headers: {
          type: 'object',
          required: ['Authorization', 'Sec-WebSocket-Protocol'],
          properties: {
            Authorization: { type: 'string', description: '`Bearer TOKEN`' },
            'Sec-WebSocket-Protocol': { type: 'string', enum: SUBPROTOCOLS },
            'X-Correlation-Id': { type: 'string' },
          },
        },
        bindingVersion: '0.1.0',
      },
    },
  };
}

/** Every message by its type, and what several have in common. */
function socketSchemas(): Readonly<Record<string, JsonSchema>> {
  const all: readonly MessageSchema[] = [...clientMessageSchemas, ...serverMessageSchemas];
  return jsonSchemas(
    {
      ...Object.fromEntries(all.map((schema) => [typeOf(schema), schema])),
      OrderSummary: orderSummarySchema,
      Order: orderViewSchema,
      OfferView: offerViewSchema,
      Place: placeSchema,
      Error: wireErrorSchema,
    },
    'draft-07',
  );
}

type MessageSchema = z.ZodObject<{ type: z.ZodLiteral<string> }>;

function typeOf({ shape }: MessageSchema): string {
  return shape.type.value;
}

function messageOf(schema: MessageSchema, way: 'received' | 'sent'): Message {
  const name = typeOf(schema);
  return {
    name,
    summary: schema.description ?? '',
    contentType: 'application/json',
    payload: schemaRef(name),
    ...('requestId' in schema.shape ? { correlationId: BY_REQUEST_ID } : {}),
    ...(way === 'received' ? { 'x-roles': MESSAGE_ROLES[name as ClientMessage['type']] } : {}),
  };
}

function binaryMessage(layout: FrameLayout, more: Partial<Message>): Message {
  return {
    name: layout.name,
    summary: layout.summary,
    contentType: 'application/octet-stream',
    payload: { type: 'string', format: 'binary' },
    'x-layout': layout,
    ...more,
  };
}

function operation(
  { name }: Message,
  action: Operation['action'],
  more: Partial<Operation>,
): readonly [name: string, operation: Operation] {
  const by = action === 'send' ? 'tell' : 'take';
  return [`${by}_${name}`, { action, channel: SOCKET, messages: [messageRef(name)], ...more }];
}
