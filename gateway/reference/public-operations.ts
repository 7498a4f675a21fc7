import { pageRoleSchema, REFUSALS, type RestSchemaName } from '../../protocol/index.ts';
import type { ErrorCodes } from './common.ts';
import { schemaRef } from './json-schemas.ts';
import { json, refusals, type Operation, type Parameter } from './operations.ts';

/** What asks for no token: the documents, pages that begin, and what the payment provider tells. */
export function publicOperations(errors: ErrorCodes): Record<string, Record<string, Operation>> {
  const document = (name: string): Record<string, Operation> => ({
    get: {
      operationId: `get${name}`,
      summary: `The ${name} document.`,
      tags: ['documents'],
      security: [],
      'x-roles': [],
      parameters: [],
      responses: { 200: { description: 'The document.', content: json({ type: 'object' }) } },
    },
  });
  const signature: Parameter = {
    name: 'Stripe-Signature',
    in: 'header',
    required: true,
    description: 'Over the whole body, at most five minutes old.',
    schema: { type: 'string' },
  };
  return {
    '/openapi.json': document('OpenAPI'),
    '/asyncapi.json': document('AsyncAPI'),
    ...pageOperations(errors),
    '/v1/payments/webhook': {
      post: {
        operationId: 'postPaymentsWebhook',
        summary: 'What the payment provider tells of its own accord; signed, and taken once.',
        tags: ['payments'],
        security: [],
        'x-roles': [],
        parameters: [signature],
        requestBody: { required: true, content: json({ type: 'object' }) },
        responses: {
          204: { description: 'It is taken.' },
          ...refusals(['webhook_refused', 'body_too_large', 'shutting_down'], errors),
        },
      },
    },
  };
}

/** What pages ask before they have a token; refused to other sites. */
function pageOperations(errors: ErrorCodes): Record<string, Record<string, Operation>> {
  const role: Parameter = {
    name: 'role',
    in: 'query',
    required: true,
    description: 'A browser may be somebody of each role at once.',
    schema: { type: 'string', enum: pageRoleSchema.options },
  };
  const operation = (
    operationId: string,
    summary: string,
    { body, answer, parameters = [], codes = [] }: PageOperation,
  ): Operation => ({
    operationId,
    summary,
    tags: ['pages'],
    security: [],
    'x-roles': [],
    parameters,
    ...(body === undefined ? {} : { requestBody: { required: true, content: jsonOf(body) } }),
    responses: {
      ...(answer === undefined
        ? { 204: { description: 'It is done.' } }
        : { 200: { description: 'The answer.', content: jsonOf(answer) } }),
      ...refusals([...PAGE_REFUSALS, ...codes], errors),
    },
  });
  const withBody = [...REFUSALS.withBody, 'unauthorized'];
  return {
    '/v1/pages/config': {
      get: operation('getPagesConfig', 'What pages need to know of this engine.', {
        answer: 'PagesConfig',
      }),
    },
    '/v1/session': {
      get: operation(
        'getSession',
        'Who this browser is signed in as, for a page that was loaded.',
        {
          answer: 'ResumedSession',
          parameters: [role],
          codes: ['invalid_request'],
        },
      ),
      post: operation('postSession', 'Signs in by an access token, which goes into a cookie.', {
        body: 'SignIn',
        answer: 'PageSession',
        codes: withBody,
      }),
      delete: operation('deleteSession', 'Signs out: the cookie is removed.', {
        parameters: [role],
        codes: ['invalid_request'],
      }),
    },
    '/v1/session/demo': {
      get: operation('getSessionDemo', 'Whom one may be, at the machine of an engine for trying.', {
        answer: 'DemoPeople',
        codes: ['demo_off'],
      }),
      post: operation('postSessionDemo', 'Signs in as anybody, at the machine of such an engine.', {
        body: 'DemoSignIn',
        answer: 'PageSession',
        codes: [...withBody, 'demo_off'],
      }),
    },
  };
}

const PAGE_REFUSALS = [
  'cross_site',
  'rate_limited',
  'shutting_down',
  'database_busy',
  'database_unavailable',
  'deadline_exceeded',
  'internal_error',
];

interface PageOperation {
  readonly body?: RestSchemaName;
  readonly answer?: RestSchemaName;
  readonly parameters?: readonly Parameter[];
  readonly codes?: readonly string[];
}

function jsonOf(name: RestSchemaName): ReturnType<typeof json> {
  return json(schemaRef(name));
}
