import { parseArgs } from 'node:util';
import { z } from 'zod';
import { signToken } from '../gateway/index.ts';
import { idSchema, roleSchema, tierSchema } from '../protocol/index.ts';
import { DataDir, plainDecimal, readConfig, systemClock, messageOf } from '../runtime/index.ts';

/** Prints an access token, for trying things by hand. */
const HELP = `Usage: npm run --silent token -- --role ROLE --subject ID --city ID [--hours N] [--tier TIER]

Prints an access token, signed with JWT_SECRET or, when that is not set, with the key that the
engine has made in HEXFLEET_DATA_DIR.

  --role      customer, restaurant, courier, operator or service
  --subject   who: the id of the customer, restaurant, courier, ...
  --city      the city that the token is good for
  --hours     how long it is valid, a second to a year (12)
  --tier      whose limits it has, standard or premium (standard)
`;

const callSchema = z.object({
  role: roleSchema,
  subject: idSchema,
  city: idSchema,
  hours: plainDecimal(z.number().max(8_760))
    .refine((hours) => hours * 3600 >= 1, 'a second or more')
    .default(12),
  tier: tierSchema.default('standard'),
});

await main();

async function main(): Promise<void> {
  try {
    const { values } = parseArgs({
      options: {
        role: { type: 'string' },
        subject: { type: 'string' },
        city: { type: 'string' },
        hours: { type: 'string' },
        tier: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return console.log(HELP);
    const call = callSchema.safeParse(values);
    if (!call.success) throw new Error(`${z.prettifyError(call.error)}\n\n${HELP}`);
    const { role, subject, city, hours, tier } = call.data;
    const actor = { role, subject, cityId: city, tier };
    console.log(await signToken(await secret(), actor, hours * 3600, systemClock.nowMs()));
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 2;
  }
}

async function secret(): Promise<string> {
  const config = readConfig(process.env);
  if (config.JWT_SECRET !== undefined) return config.JWT_SECRET;
  return await (await DataDir.open(config.HEXFLEET_DATA_DIR)).secret('jwt-secret');
}
