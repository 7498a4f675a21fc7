import type { FrameField, FrameLayout } from '../../protocol/index.ts';
import type { AsyncApiDocument, Message } from './asyncapi.ts';
import { html, paragraphs, prose, type Html } from './html.ts';
import { refName, type JsonSchema } from './json-schemas.ts';
import { page } from './page.ts';
import { fieldsTable, LEGEND } from './schema-table.ts';
import { table } from './table.ts';

type Schemas = Readonly<Record<string, JsonSchema>>;

/** `/docs/socket`, from the document. */
export function socketPage({ info, channels, operations, components }: AsyncApiDocument): string {
  const { messages } = channels.socket;
  const going = (action: 'send' | 'receive'): readonly Message[] =>
    Object.values(operations)
      .filter((operation) => operation.action === action)
      .flatMap((operation) => operation.messages.map(({ $ref }) => $ref.split('/').at(-1) ?? ''))
      .flatMap((name) => messages[name] ?? []);
  const { schemas } = components;
  const linked = new Set(Object.keys(schemas));
  const common = Object.entries(schemas).filter(([name]) => messages[name] === undefined);
  return page(
    '/docs/socket',
    info.title,
    html`${paragraphs(info.description)}
      <p>
        How sockets end stands in <a href="/docs/errors#close-codes">close codes</a>. The same for
        programs: <a href="/asyncapi.json">/asyncapi.json</a>.
      </p>
      <h2>From clients</h2>
      ${going('receive').map((message) => messageText(message, schemas, linked))}
      <h2>From the engine</h2>
      ${going('send').map((message) => messageText(message, schemas, linked))}
      <h2>Schemas</h2>
      <p>${prose(LEGEND)}</p>
      ${common.map(
        ([name, schema]) =>
          html`<section id="${name}">
            <h3>${name}</h3>
            ${paragraphs(schema.description ?? '')}${fieldsTable(schema, linked)}
          </section> `,
      )}`,
  );
}

function messageText(message: Message, schemas: Schemas, linked: ReadonlySet<string>): Html {
  const roles = message['x-roles'];
  const layout = message['x-layout'];
  const schema = schemas[refName(message.payload.$ref ?? '')] ?? {};
  return html`<section id="${message.name}">
    <h3><code>${message.name}</code>${layout === undefined ? '' : ', a binary frame'}</h3>
    <p>${prose(message.summary)}${roles === undefined ? '' : html` For: ${roles.join(', ')}.`}</p>
    ${layout === undefined ? fieldsTable(schema, linked) : layoutTables(layout)}
  </section> `;
}

function layoutTables({ fields, repeated }: FrameLayout): Html {
  if (repeated === undefined) return layoutTable(fields);
  return html`${layoutTable(fields)}
    <p>Then, for each, ${repeated.bytes} bytes:</p>
    ${layoutTable(repeated.fields)}`;
}

function layoutTable(fields: readonly FrameField[]): Html {
  const rows = fields.map(({ at, type, name, times, meaning }) => ({
    cells: [
      at,
      type,
      html`<code>${name}</code>${times === undefined ? '' : ` × ${times}`}`,
      prose(meaning),
    ],
  }));
  return table(['byte', 'type', 'field', 'meaning'], rows);
}
