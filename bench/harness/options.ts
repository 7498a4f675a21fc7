import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Bench, BenchOptions } from './bench.ts';

export const helpText = (
  benches: readonly Bench[],
): string => `Usage: npm run bench -- NAME [options]

Measures the engine beside a peer, in turn, and shows medians with their spread. NAME is one of:

${benches.map(describe).join('\n')}

  --repetitions N   how often each side is measured                      (5)
  --seconds S       length of each measurement; else each part has its own
  --rate N          orders or fixes per second at a fixed rate           (see above)
  --rate-max N      the highest rate to try                              (2000)
  --couriers N      couriers on duty                                     (see above)
  --part NAME       only this part of the bench; may be given again
  --pin             server and load on cores of their own (needs taskset)
  --profile DIR     CPU profiles of the server processes (slows them)
  --json FILE       writes the figures to FILE too

Exit code: 0 when everything was measured, 1 when not, 2 for a wrong call, 130 after Ctrl-C.
`;

const callSchema = z.object({
  repetitions: z.coerce.number().int().min(1).max(100).default(5),
  seconds: z.coerce.number().min(0.1).max(3_600).optional(),
  rate: z.coerce.number().min(1).max(100_000).optional(),
  'rate-max': z.coerce.number().min(1).max(100_000).default(2_000),
  couriers: z.coerce.number().int().min(1).max(5_000).optional(),
  part: z.array(z.string()).default([]),
  pin: z.boolean().default(false),
  profile: z.string().min(1).optional(),
  json: z.string().min(1).optional(),
});

/** What was asked for on the command line. */
export interface Call {
  readonly bench: Bench;
  readonly options: BenchOptions;
  readonly json: string | undefined;
}

/** @returns null when only help was asked for. @throws Error with what is wrong, for people */
export function readCall(benches: readonly Bench[]): Call | null {
  const one = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      repetitions: one,
      seconds: one,
      rate: one,
      'rate-max': one,
      couriers: one,
      part: { type: 'string', multiple: true },
      pin: { type: 'boolean' },
      profile: one,
      json: one,
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return null;
  const known = benches.map(({ name }) => name).join(', ');
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) {
    throw new Error(`Give the name of one bench: ${known}. More with --help.`);
  }
  const bench = benches.find((candidate) => candidate.name === name);
  if (bench === undefined) throw new Error(`There is no bench '${name}'. There are: ${known}.`);
  const parsed = callSchema.safeParse(values);
  if (!parsed.success) throw new Error(`${z.prettifyError(parsed.error)}\n\nMore with --help.`);
  const { json, part: parts, 'rate-max': rateMax, seconds, profile, ...rest } = parsed.data;
  const stranger = parts.find((part) => !bench.parts.includes(part));
  if (stranger !== undefined) {
    throw new Error(`${name} has no part '${stranger}'. It has: ${bench.parts.join(', ')}.`);
  }
  const { rate = usualOf(bench).rate, couriers = usualOf(bench).couriers } = rest;
  const options = { ...rest, rate, couriers, parts, rateMax, seconds, profile };
  return { bench, json, options };
}

function usualOf({ usual }: Bench): Pick<BenchOptions, 'rate' | 'couriers'> {
  return usual ?? { rate: 200, couriers: 400 };
}

function describe(bench: Bench): string {
  const { name, summary, parts } = bench;
  const { rate, couriers } = usualOf(bench);
  return [
    `  ${name.padEnd(10)} ${summary}`,
    `             parts: ${parts.join(', ')}; rate ${rate}, couriers ${couriers}`,
  ].join('\n');
}
