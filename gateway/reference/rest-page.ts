import { html, paragraphs, prose, type Html } from './html.ts';
import type { JsonSchema } from './json-schemas.ts';
import type { OpenApiDocument } from './openapi.ts';
import type { Operation, Response } from './operations.ts';
import { page } from './page.ts';
import { fieldsTable, LEGEND, meaningOf, typeText } from './schema-table.ts';
import { table } from './table.ts';

/** Every answer has it, so it is said once, at the top. */
const CORRELATION_HEADER = 'X-Correlation-Id';

/** `/docs/rest`, from the document. */
export function restPage({ info, paths, components }: OpenApiDocument): string {
  const linked = new Set(Object.keys(components.schemas));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return page(
    '/docs/rest',
    info.title,
    html`${paragraphs(info.description)}
      <p>The same for programs: <a href="/openapi.json">/openapi.json</a>.</p>
      <h2>Routes</h2>
      <ul>
        ${operations.map(
          ({ path, method, operation }) =>
            html`<li>
              <a href="#${operation.operationId}"><code>${method.toUpperCase()} ${path}</code></a>
            </li> `,
        )}
      </ul>
      ${operations.map(
        ({ path, method, operation }) =>
          html`<section id="${operation.operationId}">
            <h3><code>${method.toUpperCase()} ${path}</code></h3>
            ${operationText(operation, linked)}
          </section> `,
      )}
      <h2>Schemas</h2>
      <p>${prose(LEGEND)}</p>
      ${Object.entries(components.schemas).map(([name, schema]) => schemaText(name, schema, linked))}`,
  );
}

function operationText(operation: Operation, linked: ReadonlySet<string>): Html {
  const roles = operation['x-roles'];
  const body = operation.requestBody?.content['application/json']?.schema;
  const who = roles.length === 0 ? 'Without a token.' : `For: ${roles.join(', ')}.`;
  const takes = body === undefined ? '' : html` Body: ${typeText(body, linked)}.`;
  return html`<p>${prose(operation.summary)} ${who}${takes}</p>
    ${parametersTable(operation)} ${responsesTable(operation.responses, linked)}`;
}

function parametersTable({ parameters }: Operation): Html {
  const rows = parameters.map(({ name, required, description, schema, ...parameter }) => ({
    cells: [
      html`<code>${name}</code>${required ? '' : ' ?'}`,
      parameter.in,
      prose(meaningOf({ ...schema, description })),
    ],
  }));
  return table(['parameter', 'in', 'meaning'], rows);
}

function responsesTable(
  responses: Readonly<Record<string, Response>>,
  linked: ReadonlySet<string>,
): Html {
  const rows = Object.entries(responses).map(([status, { description, content, headers = {} }]) => {
    const body = content?.['application/json']?.schema;
    const own = Object.entries(headers)
      .filter(([name]) => name !== CORRELATION_HEADER)
      .map(([name, header]) => html` <code>${name}</code>: ${prose(header.description)}`);
    // What is said of a refusal is its codes.
    const means = Number(status) < 400 ? prose(description) : prose(description, errorHref);
    return { cells: [status, [means, own], body === undefined ? '' : typeText(body, linked)] };
  });
  return table(['status', 'means', 'body'], rows);
}

function errorHref(code: string): string {
  return `/docs/errors#${code}`;
}

/** A schema, or each of those that it may be. */
function schemaText(name: string, schema: JsonSchema, linked: ReadonlySet<string>): Html {
  const kinds = schema.oneOf ?? [];
  return html`<section id="${name}">
    <h3>${name}</h3>
    ${schema.description === undefined ? '' : paragraphs(schema.description)}${fieldsTable(schema, linked)}${kinds.map(
      (kind) =>
        html`<h4><code>${String(kind.properties?.['type']?.const)}</code></h4>
          ${paragraphs(kind.description ?? '')}${fieldsTable(kind, linked)}`,
    )}
  </section> `;
}
