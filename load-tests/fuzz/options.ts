import { parseArgs } from 'node:util';
import { z } from 'zod';
import { plainDecimal, plainInteger } from '../../runtime/index.ts';

export const HELP = `Usage: npm run fuzz -- [options]

Sends an engine what no client should: valid frames, messages and requests with something wrong in
them, over sockets of its own, while a client beside it wants to be served. Prints what it was
answered, and what must not have been: an error of the engine, an engine that died or complained,
memory that grew, the honest client kept waiting.

  --seconds N   5 to 86400                                     (60)
  --seed N      of the inputs; printed with every result       (of the clock)
  --json FILE   writes the result there

Exit code: 0 when nothing of this happened, else 1, with the inputs; 2 for a wrong call.
`;

const optionsSchema = z.object({
  seconds: plainDecimal(z.number().min(5).max(86_400)).default(60),
  seed: plainInteger(z.number().max(0x7fff_ffff)).optional(),
  json: z.string().min(1).optional(),
});
export type FuzzArguments = z.output<typeof optionsSchema>;

/** @returns null when only help was asked for. @throws Error with what is wrong, and the help */
export function readArguments(): FuzzArguments | null {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { seconds: text, seed: text, json: text, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) return null;
  const parsed = optionsSchema.safeParse(values);
  if (!parsed.success) throw new Error(`${z.prettifyError(parsed.error)}\n\n${HELP}`);
  return parsed.data;
}
