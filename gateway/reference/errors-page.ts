import type { CloseCode } from '../../protocol/index.ts';
import type { AsyncApiDocument } from './asyncapi.ts';
import { html, prose, type Html } from './html.ts';
import type { ErrorCodes } from './common.ts';
import { page } from './page.ts';
import { table } from './table.ts';

/** `/docs/errors`, from the document. */
export function errorsPage(document: AsyncApiDocument): string {
  return page(
    '/docs/errors',
    'Errors and close codes',
    html`<p>
        A refusal is <code>{ "error": { "code", "message", "details" } }</code> over REST, with the
        status below, and a message of type <code>error</code> on the socket. Match on the code:
        codes are for ever, messages may change. <em>Again</em>: the same request, unchanged, may
        succeed later; after <code>Retry-After</code> seconds, where there is one.
      </p>
      <h2 id="error-codes">Error codes</h2>
      ${errorsTable(document['x-error-codes'])}
      <h2 id="close-codes">Close codes</h2>
      <p>
        With which the engine closes a socket. A connection that went without a close frame, 1006,
        is tried again, with backoff and jitter.
      </p>
      ${closeCodesTable(Object.values(document['x-close-codes']))}`,
  );
}

function errorsTable(errors: ErrorCodes): Html {
  const rows = Object.entries(errors)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { status, retryable, message }]) => ({
      id: code,
      cells: [html`<code>${code}</code>`, status, retryable ? 'yes' : '', prose(message)],
    }));
  return table(['code', 'status', 'again', 'means'], rows);
}

function closeCodesTable(codes: readonly CloseCode[]): Html {
  const rows = codes
    .toSorted((a, b) => a.code - b.code)
    .map(({ code, reason, meaning }) => ({ cells: [code, reason, prose(meaning)] }));
  return table(['code', 'reason', 'means'], rows);
}
