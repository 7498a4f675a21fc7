import { join } from 'node:path';
import { expect, test } from 'vitest';
import { gatewayErrors } from '../gateway/index.ts';
import { databaseErrors, orderErrors } from '../order-core/index.ts';
import { protocolErrors } from '../protocol/index.ts';
import { runtimeErrors, type ErrorSpec } from '../runtime/index.ts';

const REGISTRIES = { protocolErrors, gatewayErrors, orderErrors, databaseErrors, runtimeErrors };

const HEAD = `# Error codes

Every refusal is \`{ "error": { "code", "message", "details" } }\`, over REST with the status below,
over the WebSocket in a message of type \`error\`. Match on the code: codes are for ever, messages may
change. *Retry* means that the same request, unchanged, may succeed later.

| code | status | retry | means |
| --- | --- | --- | --- |
`;

function row([code, spec]: [string, ErrorSpec]): string {
  return `| \`${code}\` | ${spec.status} | ${spec.retryable ? 'yes' : ''} | ${spec.message} |`;
}

test('the table of error codes says what the registries say (update it with vitest -u)', async () => {
  const specs = Object.values(REGISTRIES).flatMap((registry) =>
    Object.entries<ErrorSpec>(registry.specs),
  );
  const rows = specs.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(row);
  const table = `${HEAD}${rows.join('\n')}\n`;
  await expect(table).toMatchFileSnapshot(join(import.meta.dirname, 'errors.md'));
});

test('no code is in two registries', () => {
  const all = Object.values(REGISTRIES).flatMap((registry) => Object.keys(registry.specs));
  expect(new Set(all).size).toBe(all.length);
});
