import fc from 'fast-check';

/**
 * Wrong versions of right things: a base is taken, and a few places of it are changed. Most of what
 * comes out is still well-formed as far as some layer of the engine can tell, which is how it gets
 * as far as that layer.
 */

const CHANGES_MAX = 4;

/** JSON text of values that somebody has stumbled over before. */
const NASTY_LISTS: readonly (readonly string[])[] = [
  ['null', 'true', 'false', '[]', '{}', '""', '" "'],
  ['0', '-0', '-1', '1', '0.1', '1e-400', '255', '256', '65536', '4294967296', '-2147483649'],
  ['9007199254740991', '9007199254740993', '1e21', '1e308', '1e999', '-1e999'],
  ['"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\u202e"', '"\\ufeff"', '"\u{1F35C}"'],
  ['"__proto__"', '"constructor"', '"toString"', '"NaN"', '"0"', '"1e3"', '"2026-01-01"'],
  [`"' OR 1=1 --"`, '"../../x"', '"%00"', '"order:*"', '"$1"', '"\\\\"', '"\\n\\r"'],
  [
    '{"__proto__":{"role":"operator"}}',
    '{"constructor":{"prototype":{"role":"operator"}}}',
    '{"toJSON":1,"then":1,"length":1e9}',
    `"${'x'.repeat(300)}"`,
    `"${'\u00e9'.repeat(3_000)}"`,
    `${'['.repeat(500)}${']'.repeat(500)}`,
    `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`,
    `[${'0,'.repeat(2_000)}0]`,
  ],
];
const NASTY = NASTY_LISTS.flat();

/** JSON that is put where it stands, also what JSON.stringify would never write. */
class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

interface Change {
  /** Which node, counted through all of them. */
  readonly at: number;
  readonly kind: 'replace' | 'remove' | 'add' | 'wrap' | 'repeat';
  readonly value: RawJson;
  /** Of what is added. */
  readonly key: string;
}

const nasty: fc.Arbitrary<RawJson> = fc
  .oneof(
    { weight: 5, arbitrary: fc.constantFrom(...NASTY) },
    { weight: 1, arbitrary: fc.json({ maxDepth: 4, stringUnit: 'binary' }) },
    { weight: 1, arbitrary: fc.double().map((number) => JSON.stringify(number)) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)) },
  )
  .map((text) => new RawJson(text));

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(1_000),
  kind: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'add', 'wrap', 'repeat'),
  value: nasty,
  key: fc.constantFrom('__proto__', 'constructor', 'type', 'requestId', 'orderId', 'x', '', 'then'),
});

/** Mostly one: of several the first that is noticed hides the others. */
function changes<Change>(change: fc.Arbitrary<Change>): fc.Arbitrary<Change[]> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.array(change, { maxLength: 1 }) },
    { weight: 1, arbitrary: fc.array(change, { minLength: 2, maxLength: CHANGES_MAX }) },
  );
}

/** @param bases JSON values. @returns JSON text, mostly */
export function mutatedJson(bases: readonly unknown[]): fc.Arbitrary<string> {
  const changed = fc
    .tuple(fc.constantFrom(...bases), changes(change))
    .map(([base, changes]) => textOf(changes.reduce<unknown>(apply, base)));
  const cut = fc
    .tuple(changed, fc.nat(1_000))
    .map(([text, at]) => text.slice(0, at % (text.length + 1)));
  return fc.oneof({ weight: 19, arbitrary: changed }, { weight: 1, arbitrary: cut });
}

function textOf(value: unknown): string {
  if (value instanceof RawJson) return value.text;
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = value instanceof Fields ? value.entries : Object.entries(value);
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${textOf(field)}`).join(',')}}`;
}

/** An object as text has it: a name may stand there twice, and be `__proto__`. */
class Fields {
  readonly entries: readonly (readonly [string, unknown])[];

  constructor(entries: readonly (readonly [string, unknown])[]) {
    this.entries = entries;
  }
}

function apply(value: unknown, made: Change): unknown {
  const at = made.at % countNodes(value);
  return at === 0 ? changedNode(value, made) : inChild(value, at, made);
}

function childrenOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (value instanceof RawJson) return [];
  if (value instanceof Fields) return value.entries;
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function countNodes(value: unknown): number {
  return childrenOf(value).reduce((count, [, child]) => count + countNodes(child), 1);
}

/** @param at counted from `value` itself, which is 0 */
function inChild(value: unknown, at: number, made: Change): unknown {
  let before = 1;
  const entries = childrenOf(value).flatMap(([key, child]) => {
    const here = at - before;
    const nodes = countNodes(child);
    before += nodes;
    if (here < 0 || here >= nodes) return [[key, child] as const];
    if (here > 0) return [[key, inChild(child, here, made)] as const];
    return made.kind === 'remove' ? [] : [[key, changedNode(child, made)] as const];
  });
  return Array.isArray(value) ? entries.map(([, child]) => child) : new Fields(entries);
}

function changedNode(node: unknown, { kind, value, key }: Change): unknown {
  if (kind === 'wrap') return [node];
  if (kind === 'repeat') return [node, node, node];
  if (kind !== 'add') return value;
  if (Array.isArray(node)) return [...(node as unknown[]), value];
  const children = childrenOf(node);
  return children.length === 0 ? value : new Fields([...children, [key, value]]);
}

const INTERESTING = [0x00, 0x01, 0x7f, 0x80, 0x81, 0xfe, 0xff, 0x0d, 0x0a, 0x20, 0x3a] as const;

type ByteChange = readonly [kind: number, at: number, byte: number, length: number];

/** @param bases what is right. @returns it with bytes changed, removed, put in, repeated or cut off */
export function mutatedBytes(bases: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const byte = fc.oneof(fc.constantFrom(...INTERESTING), fc.integer({ min: 0, max: 255 }));
  const one = fc.tuple(fc.nat(8), fc.nat(100_000), byte, fc.integer({ min: 1, max: 64 }));
  return fc.tuple(bases, changes(one)).map(([base, list]) => list.reduce(applyToBytes, base));
}

function applyToBytes(bytes: Uint8Array, [kind, place, byte, length]: ByteChange): Uint8Array {
  const at = place % (bytes.length + 1);
  const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)];
  const piece = tail.subarray(0, length);
  switch (kind) {
    case 0:
      return head;
    case 1:
      return Buffer.concat([head, tail.subarray(length)]);
    case 2:
      return Buffer.concat([head, new Uint8Array(length).fill(byte), tail]);
    case 3:
      return Buffer.concat([head, piece, tail]);
    case 4:
      return Buffer.concat([tail, head]);
    default:
      return Buffer.concat([head, Uint8Array.of(byte), tail.subarray(1)]);
  }
}
