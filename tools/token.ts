import { z } from 'zod';
import { signToken } from '../gateway/index.ts';
import { idSchema, roleSchema, tierSchema } from '../protocol/index.ts';
import { DataDir, plainDecimal, readConfig, runCommand, systemClock } from '../runtime/index.ts';

/** Prints an access token, for trying things by hand. */
const HELP = `Usage: npm run --silent token -- --role ROLE --subject ID --city ID [--hours N] [--tier TIER]

Prints an access token, signed with JWT_SECRET or, when that is not set, with the key that the
engine has made in HEXFLEET_DATA_DIR.

  --role      customer, restaurant, courier, operator or service
  --subject   who: the id of the customer, restaurant, courier, ...
  --city      the city that the token is good for
  --hours     how long it is valid, a second to a year (12)
  --tier      whose limits it has, standard or premium (standard)

Exit code: 0; 2 for a wrong call.
`;

await runCommand({
  help: HELP,
  options: z.object({
    role: roleSchema,
    subject: idSchema,
    city: idSchema,
    hours: plainDecimal(z.number().max(8_760))
      .refine((hours) => hours * 3600 >= 1, 'a second or more')
      .default(12),
    tier: tierSchema.default('standard'),
  }),
  async run({ role, subject, city, hours, tier }) {
    const actor = { role, subject, cityId: city, tier };
    console.log(await signToken(await secret(), actor, hours * 3600, systemClock.nowMs()));
    return true;
  },
});

async function secret(): Promise<string> {
  const config = readConfig(process.env);
  if (config.JWT_SECRET !== undefined) return config.JWT_SECRET;
  return await (await DataDir.open(config.HEXFLEET_DATA_DIR)).secret('jwt-secret');
}
