import { z } from 'zod';

/** As much of JSON Schema as our own schemas become. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly allOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** Where both documents keep their schemas. */
const SCHEMAS_AT = '#/components/schemas/';

/** The name of the schema that is referred to. */
export function refName(ref: string): string {
  return ref.slice(SCHEMAS_AT.length);
}

export function schemaRef(name: string): { readonly $ref: string } {
  return { $ref: `${SCHEMAS_AT}${name}` };
}

/**
 * The schemas as JSON Schema, each under its name; where one contains another, it refers to it.
 *
 * All are described as what is sent to the engine: what has a default may be left out, and only what
 * is refused for unknown fields says so. What the engine sends may grow.
 */
export function jsonSchemas(
  named: Readonly<Record<string, z.ZodType>>,
  target: 'draft-2020-12' | 'draft-07',
): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string }>();
  for (const [name, schema] of Object.entries(named)) registry.add(schema, { id: name });
  const { schemas } = z.toJSONSchema(registry, {
    target,
    io: 'input',
    uri: (name) => `${SCHEMAS_AT}${name}`,
    override: ({ jsonSchema }) => withoutNoise(jsonSchema),
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, { $schema: _draft, $id: _place, ...schema }]) => [
      name,
      schema as JsonSchema,
    ]),
  );
}

/** What tools know from the format or type beside it, and people need not read. */
function withoutNoise(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.format === 'uuid') delete schema.pattern;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (typeof schema.propertyNames === 'object' && schema.propertyNames.enum === undefined) {
    delete schema.propertyNames;
  }
}

/** Those schemas that `document` refers to, and those that these refer to. */
export function referredTo(
  schemas: Readonly<Record<string, JsonSchema>>,
  document: unknown,
): Readonly<Record<string, JsonSchema>> {
  const found = new Set<string>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    for (const [key, value] of Object.entries(part)) {
      if (key !== '$ref' || typeof value !== 'string' || !value.startsWith(SCHEMAS_AT)) {
        visit(value);
      } else if (!found.has(refName(value))) {
        found.add(refName(value));
        visit(schemas[refName(value)]);
      }
    }
  };
  visit(document);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => found.has(name)));
}
