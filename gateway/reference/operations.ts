import type { z } from 'zod';
import {
  IDEMPOTENCY_KEY_LENGTH_MAX,
  REFUSALS,
  REST_ROUTES,
  type RestAnswer,
  type RestRoute,
  type RestRouteName,
} from '../../protocol/index.ts';
import { required } from '../../runtime/index.ts';
import { EVERYBODY, ROUTE_ROLES } from '../authorization.ts';
import type { ErrorCodes } from './common.ts';
import { jsonSchemas, schemaRef, type JsonSchema } from './json-schemas.ts';

/** One route in the words of OpenAPI. */

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
}

export interface Response {
  readonly description: string;
  readonly headers?: Readonly<
    Record<string, { readonly description: string; readonly schema: JsonSchema }>
  >;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security?: readonly [];
  /** Who may use it; nobody in particular: without a token. */
  readonly 'x-roles': readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: {
    readonly required: true;
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly responses: Readonly<Record<string, Response>>;
}

const CORRELATION_ID: Parameter = {
  name: 'X-Correlation-Id',
  in: 'header',
  required: false,
  description: 'Names the request in logs and events.',
  schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{8,64}$' },
};

/** `POST /v1/orders/:orderId` is post at `/v1/orders/{orderId}`. */
export function placeOf(name: RestRouteName): { readonly method: string; readonly path: string } {
  const [method = '', path = ''] = name.split(' ');
  return { method: method.toLowerCase(), path: path.replace(/:(\w+)/g, '{$1}') };
}

export function operationOf(name: RestRouteName, errors: ErrorCodes): Operation {
  const route: RestRoute = REST_ROUTES[name];
  const { method, path } = placeOf(name);
  return {
    operationId: operationIdOf(method, path),
    summary: route.summary,
    tags: [path.split('/')[2] ?? ''],
    'x-roles': ROUTE_ROLES[name],
    parameters: parametersOf(path, route),
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(schemaRef(route.body)) } }),
    responses: {
      ...answers(route.answers),
      ...refusals(codesOf(name, route), errors),
    },
  };
}

/** `post /v1/orders/{orderId}/commands` is `postOrdersOrderIdCommands`. */
function operationIdOf(method: string, path: string): string {
  const words = path.split(/\W+/).slice(2).filter(Boolean);
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function parametersOf(path: string, { idempotencyKey, query }: RestRoute): readonly Parameter[] {
  const ids = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']): Parameter => ({
    name,
    in: 'path',
    required: true,
    description: name === 'orderId' ? 'A UUID.' : 'Letters, digits, "_", "-" and "."; up to 64.',
    schema: name === 'orderId' ? { type: 'string', format: 'uuid' } : { type: 'string' },
  }));
  const key: Parameter = {
    name: 'Idempotency-Key',
    in: 'header',
    required: idempotencyKey === 'required',
    description: "The caller's own name for this request: with it, it is carried out once.",
    schema: { type: 'string', minLength: 1, maxLength: IDEMPOTENCY_KEY_LENGTH_MAX },
  };
  return [
    ...ids,
    ...(query === undefined ? [] : queryParameters(query)),
    ...(idempotencyKey === undefined ? [] : [key]),
    CORRELATION_ID,
  ];
}

function queryParameters(query: z.ZodObject): readonly Parameter[] {
  const { Query: schema = {} } = jsonSchemas({ Query: query }, 'draft-2020-12');
  return Object.entries(schema.properties ?? {}).map(([name, { description = '', ...field }]) => ({
    name,
    in: 'query',
    required: schema.required?.includes(name) ?? false,
    description,
    schema: field,
  }));
}

function codesOf(name: RestRouteName, route: RestRoute): readonly string[] {
  return [
    ...REFUSALS.always,
    ...(ROUTE_ROLES[name].length < EVERYBODY.length ? REFUSALS.byRole : []),
    ...(route.body === undefined ? [] : REFUSALS.withBody),
    ...(route.idempotencyKey === undefined ? [] : REFUSALS.withKey),
    ...(route.refusals ?? []),
  ];
}

export function json(
  schema: JsonSchema,
): Readonly<Record<string, { readonly schema: JsonSchema }>> {
  return { 'application/json': { schema } };
}

function headers(named: Readonly<Record<string, string>>): NonNullable<Response['headers']> {
  return Object.fromEntries(
    Object.entries({ 'X-Correlation-Id': "The request's name.", ...named }).map(
      ([name, description]) => [name, { description, schema: { type: 'string' } }],
    ),
  );
}

function answers(all: Readonly<Record<number, RestAnswer>>): Record<string, Response> {
  return Object.fromEntries(
    Object.entries(all).map(([status, answer]) => [
      status,
      {
        description: answer.description,
        headers: headers(answer.headers ?? {}),
        ...(answer.body === undefined ? {} : { content: json(schemaRef(answer.body)) }),
      },
    ]),
  );
}

const RETRY_AFTER = { 'Retry-After': 'Seconds, when it is known.' };

/** One response for each status, with the codes that come with it. */
export function refusals(codes: readonly string[], errors: ErrorCodes): Record<string, Response> {
  const byStatus: Record<string, Response> = {};
  for (const code of codes) {
    const status = String(required(errors[code], `error code ${code}`).status);
    const before = byStatus[status]?.description;
    const isLater = status === '503' || status === '429';
    byStatus[status] = {
      description: before === undefined ? `\`${code}\`` : `${before}, \`${code}\``,
      headers: headers(isLater ? RETRY_AFTER : {}),
      content: json(schemaRef('Refusal')),
    };
  }
  return byStatus;
}
