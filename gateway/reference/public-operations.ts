import type { ErrorCodes } from './common.ts';
import { json, refusals, type Operation, type Parameter } from './operations.ts';

/** What asks for no token: the documents, and what the payment provider tells. */
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
