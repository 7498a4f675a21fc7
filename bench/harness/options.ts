import { z } from 'zod';
import { plainDecimal, plainInteger, UsageError } from '../../runtime/index.ts';
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
  --file FILE       recorded traces (longitude,latitude,timestamp,id) for track
  --json FILE       writes the figures to FILE too

Exit code: 0 when everything was measured, 2 when not or for a wrong call, 130 after Ctrl-C.
`;

export const benchOptions = z.object({
  repetitions: plainInteger(z.number().min(1).max(100)).default(5),
  seconds: plainDecimal(z.number().min(0.1).max(3_600)).optional(),
  rate: plainDecimal(z.number().min(1).max(100_000)).optional(),
  'rate-max': plainDecimal(z.number().min(1).max(100_000)).default(2_000),
  couriers: plainInteger(z.number().min(1).max(5_000)).optional(),
  part: z.array(z.string()).default([]),
  pin: z.boolean().default(false),
  profile: z.string().min(1).optional(),
  file: z.string().min(1).optional(),
  json: z.string().min(1).optional(),
});

/** What was asked for on the command line. */
export interface Call {
  readonly bench: Bench;
  readonly options: BenchOptions;
  readonly json: string | undefined;
}

/** @throws UsageError when there is no such bench, or it has no such part */
export function callOf(
  benches: readonly Bench[],
  name: string | undefined,
  given: z.output<typeof benchOptions>,
): Call {
  const known = benches.map((bench) => bench.name).join(', ');
  if (name === undefined) {
    throw new UsageError(`Give the name of a bench: ${known}.`);
  }
  const bench = benches.find((candidate) => candidate.name === name);
  if (bench === undefined)
    throw new UsageError(`There is no bench '${name}'. There are: ${known}.`);
  const { json, part: parts, 'rate-max': rateMax, ...rest } = given;
  const { seconds, profile, file } = given;
  const stranger = parts.find((part) => !bench.parts.includes(part));
  if (stranger !== undefined) {
    throw new UsageError(`${name} has no part '${stranger}'. It has: ${bench.parts.join(', ')}.`);
  }
  const { rate = usualOf(bench).rate, couriers = usualOf(bench).couriers } = rest;
  const options = { ...rest, rate, couriers, parts, rateMax, seconds, profile, file };
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
