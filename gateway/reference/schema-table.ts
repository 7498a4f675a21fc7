import { html, prose, type Html } from './html.ts';
import { refName, type JsonSchema } from './json-schemas.ts';
import { table } from './table.ts';

/** One field of a schema, as a table shows it. */
interface Row {
  /** Its way from the top, such as `items[].quantity`. */
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** What the signs in the tables mean. */
export const LEGEND = 'A field with `?` may be left out; `[]` is each item, `{}` each value.';

/** Deeper than any of ours. */
const DEPTH_MAX = 8;

/**
 * Every field of an object, those of objects inside it too. What has a name of its own is linked.
 * @param linked names that have a place on the page
 */
export function fieldsTable(schema: JsonSchema, linked: ReadonlySet<string>): Html {
  const rows = rowsOf(schema, '', 0).map(({ path, schema, required }) => ({
    cells: [
      html`<code>${path}</code>${required ? '' : ' ?'}`,
      typeText(schema, linked),
      prose(meaningOf(schema)),
    ],
  }));
  return table(['field', 'type', 'meaning'], rows);
}

function rowsOf(schema: JsonSchema, prefix: string, depth: number): readonly Row[] {
  if (depth > DEPTH_MAX) return [];
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const required = schema.required?.includes(name) ?? false;
    const { inner, suffix } = insideOf(field);
    return [{ path, schema: field, required }, ...rowsOf(inner, path + suffix, depth + 1)];
  });
}

/** The object whose fields are to be shown below the field: its own, its items', its values'. */
function insideOf(field: JsonSchema): { readonly inner: JsonSchema; readonly suffix: string } {
  const alternative = (field.anyOf ?? []).find(({ type }) => type !== 'null');
  if (alternative !== undefined && (field.anyOf ?? []).length === 2) return insideOf(alternative);
  if (field.items !== undefined) {
    const { inner, suffix } = insideOf(field.items);
    return { inner, suffix: `[]${suffix}` };
  }
  if (typeof field.additionalProperties === 'object') {
    return { inner: field.additionalProperties, suffix: '{}' };
  }
  return { inner: field, suffix: '' };
}

/** What a value is, in a few words: `integer`, `array of Place`, `string or null`. */
export function typeText(schema: JsonSchema, linked: ReadonlySet<string>): Html {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (reference !== undefined) return nameText(refName(reference), linked);
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives !== undefined) {
    return html`${alternatives.map((each, i) => [i === 0 ? '' : ' or ', typeText(each, linked)])}`;
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined) {
    return html`${schema.enum.map((value, i) => [i === 0 ? '' : ', ', html`<code>${String(value)}</code>`])}`;
  }
  if (schema.items !== undefined) return html`array of ${typeText(schema.items, linked)}`;
  return html`${simpleType(schema)}`;
}

function nameText(name: string, linked: ReadonlySet<string>): Html {
  return linked.has(name) ? html`<a href="#${name}">${name}</a>` : html`${name}`;
}

function simpleType({ type, format }: JsonSchema): string {
  const name = Array.isArray(type) ? type.join(' or ') : (type ?? 'anything');
  return format === undefined ? name : `${name} (${format})`;
}

/** What is said of it, and its bounds. */
export function meaningOf(schema: JsonSchema): string {
  return [schema.description ?? '', ...boundsOf(schema)].filter((part) => part !== '').join(' ');
}

function boundsOf(schema: JsonSchema): readonly string[] {
  const { minimum, maximum, pattern, maxLength, minItems, maxItems } = schema;
  return [
    range('', minimum, maximum),
    range(' characters', schema.minLength, maxLength),
    range(' items', minItems, maxItems),
    pattern === undefined ? '' : `\`${pattern}\`.`,
    schema.default === undefined ? '' : `Left out: \`${JSON.stringify(schema.default)}\`.`,
  ];
}

function range(what: string, from: number | undefined, to: number | undefined): string {
  if (from === undefined && to === undefined) return '';
  if (to === undefined) return `From ${from}${what}.`;
  return from === undefined ? `Up to ${to}${what}.` : `${from} to ${to}${what}.`;
}
