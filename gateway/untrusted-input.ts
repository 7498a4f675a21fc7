import { z } from 'zod';
import { protocolErrors, REQUEST_ID_LENGTH_MAX } from '../protocol/index.ts';

/** As every command has it. */
const requestIdSchema = z.string().min(1).max(REQUEST_ID_LENGTH_MAX);
/** Problems named in one answer; the rest is seldom news. */
const PROBLEMS_MAX = 20;
/**
 * The validator repeats the names of unknown fields, which are the sender's choice; of an unknown type
 * it lists those that there are, which takes about 500 characters.
 */
const PROBLEM_LENGTH_MAX = 1_000;

/**
 * @param bytes UTF-8 text from a stranger
 * @throws AppError `invalid_json`, also when the bytes are not UTF-8
 */
export function parseJson(bytes: ArrayBuffer | Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw protocolErrors.make('invalid_json', { cause: error });
  }
}

/**
 * The id under which a message wants to be answered, also when nothing else of it can be read: who
 * waits for the answer would otherwise wait until it gives up.
 */
export function requestIdIn(sent: unknown): string | null {
  if (typeof sent !== 'object' || sent === null || !('requestId' in sent)) return null;
  const id = requestIdSchema.safeParse(sent.requestId);
  return id.success ? id.data : null;
}

/**
 * `value` as the schema describes it.
 * @throws AppError `invalid_request` with `problems: [{ path, message }]`, which never repeat a value
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, PROBLEMS_MAX).map((issue) => ({
    path: issue.path.join('.'),
    message: issue.message.slice(0, PROBLEM_LENGTH_MAX),
  }));
  throw protocolErrors.make('invalid_request', { details: { problems } });
}
