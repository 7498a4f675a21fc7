import { parseArgs, type ParseArgsConfig } from 'node:util';
import { z } from 'zod';
import { isAppError, messageOf } from './errors.ts';

/** The call was wrong, not the world: whoever called is told where to read how it is called. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Somebody has ended the program before its work was done. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** A program of the command line. */
export interface Command<Options extends z.ZodType<object>> {
  /** For `--help`. */
  readonly help: string;
  /**
   * An object by the names of the options without their dashes: of booleans (they stand alone), lists
   * (may be given again) and whatever is made of a text.
   */
  readonly options: Options;
  /** Texts that stand without a name, at most; none when it is left out. */
  readonly positionalsMax?: number;
  /**
   * @throws UsageError when it is called in a way that its options cannot know; Interrupted
   * @returns whether all is as it should be
   */
  run(options: z.output<Options>, positionals: readonly string[]): Promise<boolean>;
}

const WELL = 0;
const NOT_WELL = 1;
const NOT_DONE = 2;
/** As shells have it: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

const interruption = new AbortController();
let isHeeded = false;

/** Aborts at SIGINT (Ctrl-C), SIGTERM or SIGHUP, which from now on end the program no more. */
export function interrupted(): AbortSignal {
  if (!isHeeded) {
    isHeeded = true;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      // `on` and not `once`: a second Ctrl-C must not cut the end short, which is bounded anyway.
      process.on(signal, () => interruption.abort());
    }
  }
  return interruption.signal;
}

/**
 * Runs what was called, prints what it fails with, and sets the exit code: 0 all is as it should be, 1 it
 * is not, 2 that could not be found out (a wrong call, or something in the way), 130 interrupted. Never
 * rejects.
 */
export async function runCommand<Options extends z.ZodType<object>>(
  command: Command<Options>,
): Promise<void> {
  try {
    const call = readCall(command, process.argv.slice(2));
    if (call === null) return void process.stdout.write(command.help);
    // Whatever ends the process before it has ended by itself is no success.
    process.exitCode = NOT_DONE;
    const isWell = await command.run(call.options, call.positionals);
    process.exitCode = isWell ? WELL : NOT_WELL;
  } catch (error) {
    process.stderr.write(`${complaintOf(error)}\n`);
    process.exitCode = NOT_DONE;
    // What is cut short may complain of something else; and it may hold the process for long.
    if (error instanceof Interrupted || interruption.signal.aborted) process.exit(INTERRUPTED);
  }
}

/**
 * @param args of the command line, without Node and the program
 * @returns null when only help was asked for
 * @throws UsageError that names what is wrong
 */
export function readCall<Options extends z.ZodType<object>>(
  { options: schema, positionalsMax = 0 }: Pick<Command<Options>, 'options' | 'positionalsMax'>,
  args: readonly string[],
): { readonly options: z.output<Options>; readonly positionals: readonly string[] } | null {
  const { values, positionals } = parsed(args, {
    ...optionsOf(schema),
    help: { type: 'boolean', short: 'h' },
  });
  const { help, ...given } = values;
  if (help === true) return null;
  const tooMuch = positionals[positionalsMax];
  if (tooMuch !== undefined) throw new UsageError(`'${tooMuch}' is too much.`);
  const checked = schema.safeParse(given);
  if (checked.success) return { options: checked.data, positionals };
  const problems = checked.error.issues.map(
    ({ path, message }) => `--${path.join('.')}: ${message}`,
  );
  throw new UsageError(problems.join('\n'));
}

type ParsedOptions = NonNullable<ParseArgsConfig['options']>;

function parsed(args: readonly string[], options: ParsedOptions) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(messageOf(error), { cause: error });
  }
}

/** What the parser of the command line must know: which options stand alone, which are lists. */
function optionsOf(schema: z.ZodType<object>): ParsedOptions {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]): [string, ParsedOptions[string]] => {
      const type = typeof property === 'object' ? property.type : undefined;
      if (type === 'boolean') return [name, { type }];
      return [name, { type: 'string', multiple: type === 'array' }];
    }),
  );
}

/** With what is known of it, for who sees no log. */
function complaintOf(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\n\nMore with --help.`;
  const details = isAppError(error) ? JSON.stringify(error.details) : '{}';
  return details === '{}' ? messageOf(error) : `${messageOf(error)} ${details}`;
}
