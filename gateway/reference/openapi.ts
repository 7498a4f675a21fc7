import {
  PROTOCOL_VERSION,
  REST_ROUTES,
  REST_SCHEMAS,
  type RestRouteName,
} from '../../protocol/index.ts';
import { ACCESS_TOKEN, LICENSE, type ErrorCodes } from './common.ts';
import { jsonSchemas, referredTo, type JsonSchema } from './json-schemas.ts';
import { operationOf, placeOf, type Operation } from './operations.ts';
import { publicOperations } from './public-operations.ts';

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: Readonly<Record<'title' | 'version' | 'description', string>> & {
    readonly license: { readonly name: string; readonly identifier: string };
  };
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
  readonly 'x-error-codes': ErrorCodes;
}

const DESCRIPTION = `\
Every request carries \`Authorization: Bearer TOKEN\`; what a token may not see is \`not_found\`, as \
what does not exist. Bodies are JSON, UTF-8.

A field that a schema does not know is refused. Answers may get new fields: clients ignore those that \
they do not know. Whatever breaks clients gets a new version in the path.

\`X-Correlation-Id\` (8 to 64 letters, digits, "_" and "-") names a request in logs and events; each \
answer has it, made up when none was sent. GET routes answer HEAD.

Times are milliseconds since the Unix epoch, \`...Minor\` amounts are integers in the currency's minor \
unit, and \`...Seconds\` are city seconds, which differ from the clock's only in simulations.`;

/** @param errors of all folders; one that a route refuses with and that is missing is a failed assertion */
export function openApiDocument(errors: ErrorCodes): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const name of Object.keys(REST_ROUTES) as RestRouteName[]) {
    const { method, path } = placeOf(name);
    paths[path] = { ...paths[path], [method]: operationOf(name, errors) };
  }
  Object.assign(paths, publicOperations(errors));
  const schemas = jsonSchemas(REST_SCHEMAS, 'draft-2020-12');
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hexfleet REST',
      version: PROTOCOL_VERSION,
      description: DESCRIPTION,
      license: LICENSE,
    },
    servers: [{ url: '/' }],
    security: [{ accessToken: [] }],
    paths,
    components: {
      schemas: referredTo(schemas, paths),
      securitySchemes: { accessToken: ACCESS_TOKEN },
    },
    'x-error-codes': errors,
  };
}
