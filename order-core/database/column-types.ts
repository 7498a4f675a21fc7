import { types, type CustomTypesConfig } from 'pg';
import { assert } from '../../runtime/index.ts';

/**
 * How columns become values: as pg does it (timestamptz a Date, numeric a string, jsonb its value),
 * but `bigint` a number, for money and counters are compared and added here. A bigint beyond
 * 2^53 - 1 fails its query: a rounded amount would be worse than none.
 */
export const columnTypes: CustomTypesConfig = {
  getTypeParser: (type, format): unknown =>
    type === types.builtins.INT8 ? parseInt8 : types.getTypeParser(type, format),
};

function parseInt8(text: string): number {
  const value = Number(text);
  assert(Number.isSafeInteger(value), 'a bigint column must hold an integer below 2^53');
  return value;
}
