import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Answer } from '../edge.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { errorsPage } from './errors-page.ts';
import { html } from './html.ts';
import type { ErrorCodes } from './common.ts';
import { openApiDocument } from './openapi.ts';
import { page, STYLE_PATH } from './page.ts';
import { restPage } from './rest-page.ts';
import { socketPage } from './socket-page.ts';

/** What anybody may read, by its path. */
export type Reference = ReadonlyMap<string, Answer & { readonly body: string }>;

/** No script, nothing from elsewhere, in nobody's frame. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; " +
  "frame-ancestors 'none'";
const CACHE_SECONDS = 300;

/**
 * The documents of the protocol and the pages for people, which are made of them. All are made once.
 * @param errors of all folders
 */
export function makeReference(errors: ErrorCodes): Reference {
  const openApi = openApiDocument(errors);
  const asyncApi = asyncApiDocument(errors);
  const style = readFileSync(join(import.meta.dirname, 'style.css'), 'utf8');
  return new Map([
    ['/openapi.json', answer('application/json', JSON.stringify(openApi))],
    ['/asyncapi.json', answer('application/json', JSON.stringify(asyncApi))],
    ['/docs', answer('text/html; charset=utf-8', overviewPage())],
    ['/docs/rest', answer('text/html; charset=utf-8', restPage(openApi))],
    ['/docs/socket', answer('text/html; charset=utf-8', socketPage(asyncApi))],
    ['/docs/errors', answer('text/html; charset=utf-8', errorsPage(asyncApi))],
    [STYLE_PATH, answer('text/css; charset=utf-8', style)],
  ]);
}

function answer(contentType: string, body: string): Answer & { readonly body: string } {
  return {
    status: 200,
    headers: {
      'Content-Type': contentType,
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': `public, max-age=${CACHE_SECONDS}`,
    },
    body,
  };
}

function overviewPage(): string {
  return page(
    '/docs',
    'The protocol',
    html`<p>
        Courier apps, customers, restaurants and operators speak with the engine over REST and one
        WebSocket, on one port, with a token that says who they are.
      </p>
      <ul>
        <li>
          <a href="/docs/rest">REST</a>: placing orders, commands, looking things up, setting up a
          city; <a href="/openapi.json">OpenAPI</a>
        </li>
        <li>
          <a href="/docs/socket">The socket</a>: commands, events, positions;
          <a href="/asyncapi.json">AsyncAPI</a>
        </li>
        <li><a href="/docs/errors">Error codes and close codes</a></li>
      </ul>
      <p>
        This is version <code>v1</code>. It may grow, and what works keeps working: clients ignore
        fields and messages that they do not know. The engine refuses those that it does not know.
      </p>`,
  );
}
