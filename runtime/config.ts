import { z } from 'zod';
import { CRASH_POINTS } from './crash-point.ts';
import { LIMIT_FIELDS } from './limit-config.ts';
import { plainDecimal, plainInteger } from './plain-number.ts';

/**
 * Everything that can be set from outside, read once at the start. The table in README.md and
 * `.env.example` list the same variables; a test holds the three together.
 */
const port = plainInteger(z.number().max(65_535));
const seconds = plainDecimal(z.number().positive().max(86_400));
const count = (min: number, max: number) => plainInteger(z.number().min(min).max(max));

/** What each variable means; the text is also the `--help` of the engine. */
export const CONFIG_SCHEMA = z.object({
  HOST: z.string().min(1).default('127.0.0.1').describe('Address of the public port'),
  PORT: port.default(8080).describe('Public port: REST and WebSocket; 0 takes a free one'),
  OPS_HOST: z.string().min(1).default('127.0.0.1').describe('Address of the operations port'),
  OPS_PORT: port.default(9090).describe('Operations port: health and metrics; 0 takes a free one'),
  HEXFLEET_DATA_DIR: z
    .string()
    .min(1)
    .default('.hexfleet')
    .describe('Folder of the embedded database and of what the engine generates'),
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .optional()
    .describe('PostgreSQL to use instead of the embedded one, postgres://user:pass@host:port/name'),
  DATABASE_POOL_SIZE: count(4, 200).default(12).describe('Connections to PostgreSQL'),
  JWT_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe('Key that signs tokens (HS256), 32 characters or more; needed with DATABASE_URL'),
  PAYMENT_API_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Host of the payment API; without it a simulated provider is started'),
  PAYMENT_API_KEY: z
    .string()
    .min(1)
    .default('sk_test_hexfleet')
    .describe('Secret key for the payment API'),
  PAYMENT_WEBHOOK_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe(
      'Key that signs the webhooks of the payment API; without it those of PAYMENT_API_URL are refused',
    ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least important level that is logged'),
  TIME_SCALE: plainDecimal(z.number().min(1).max(1_000))
    .default(1)
    .describe('City seconds per second of the clock, for simulations'),
  RESTAURANT_ANSWER_SECONDS: seconds
    .default(300)
    .describe('City seconds a restaurant has to answer an order'),
  OFFER_SECONDS: seconds.default(30).describe('City seconds a courier has to answer an offer'),
  COURIER_SEARCH_SECONDS: seconds
    .default(300)
    .describe('City seconds after which an order without a courier waits for an operator too'),
  MANUAL_QUEUE_SECONDS: seconds
    .default(2_100)
    .describe('City seconds after that until an order without a courier is cancelled'),
  COURIER_SILENCE_SECONDS: seconds
    .default(300)
    .describe('City seconds after which a courier who is not heard of is replaced, or looked for'),
  PAYMENT_DEADLINE_SECONDS: seconds
    .default(300)
    .describe('City seconds after which an order without an authorized payment is cancelled'),
  DISPATCH_EPOCH_MS: count(10, 60_000)
    .default(1_000)
    .describe('City milliseconds between two planning rounds of a city that has waiting orders'),
  OSRM_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional()
    .describe(
      'A routing service that speaks OSRM, with its profile: http://host:5000/route/v1/bicycle',
    ),
  KEEP_KEYS_DAYS: count(1, 3_650)
    .default(30)
    .describe('Days for which idempotency keys and webhooks of the payment API are remembered'),
  KEEP_FIXES_DAYS: count(1, 3_650)
    .default(30)
    .describe('Days for which the positions of couriers are kept; they go by whole days'),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/ })
    .optional()
    .describe('Mail server, smtp(s)://user:password@host:port; without it no e-mail is sent'),
  SMTP_FROM: z.email().optional().describe('Sender of e-mails; needed with SMTP_URL'),
  WEBHOOK_ALLOWED_HOSTS: z
    .string()
    .regex(/^[^\s,/]+(,[^\s,/]+)*$/, 'expected HOST or HOST:PORT, with commas between them')
    .transform((hosts) => hosts.toLowerCase().split(','))
    .optional()
    .describe('HOST[:PORT],... that webhooks may go to although not public, or without TLS'),
  KEEP_NOTIFICATIONS_DAYS: count(1, 3_650)
    .default(30)
    .describe('Days for which it is remembered who was told what; what waits for a person stays'),
  MAP_STYLE_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('A MapLibre style for the maps of the pages; without it they are drawn offline'),
  MAP_HOSTS: z
    .string()
    .regex(/^[a-zA-Z0-9.-]+(:\d{1,5})?(,[a-zA-Z0-9.-]+(:\d{1,5})?)*$/, 'expected HOST[:PORT],...')
    .transform((hosts) => hosts.toLowerCase().split(','))
    .optional()
    .describe('HOST[:PORT],... of tiles, glyphs and sprites that MAP_STYLE_URL names, over https'),
  MATCHER_THREADS: count(1, 64).default(1).describe('Worker threads that plan who carries what'),
  ...LIMIT_FIELDS,
  DRAIN_MS: count(100, 60_000)
    .default(3_000)
    .describe('Longest wait for work in hand when the engine stops'),
  CRASH_AT: z
    .string()
    .regex(new RegExp(`^(${CRASH_POINTS.join('|')})(:[1-9]\\d{0,5})?$`))
    .optional()
    .describe('For fault tests: where the engine kills itself, NAME or NAME:PASS'),
});

export type Config = Readonly<z.output<typeof CONFIG_SCHEMA>>;

/** The configuration is wrong; `message` names each variable and what it should be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * @param env usually `process.env`; an empty value counts as not set; foreign variables are ignored
 * @throws ConfigError naming every wrong variable at once, so that one start shows all mistakes
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const known = Object.keys(CONFIG_SCHEMA.shape);
  const given = Object.fromEntries(
    known.filter((key) => (env[key] ?? '') !== '').map((key) => [key, env[key]]),
  );
  const parsed = CONFIG_SCHEMA.safeParse(given);
  const problems = parsed.success ? [] : parsed.error.issues.map(describeProblem);
  if (parsed.success && parsed.data.DATABASE_URL && !parsed.data.JWT_SECRET) {
    problems.push('JWT_SECRET is needed when DATABASE_URL is set: 32 characters or more');
  }
  if (parsed.success && parsed.data.SMTP_URL && !parsed.data.SMTP_FROM) {
    problems.push('SMTP_FROM is needed when SMTP_URL is set: the address that e-mails come from');
  }
  if (!parsed.success || problems.length > 0) {
    throw new ConfigError(`The configuration is wrong:\n  ${problems.join('\n  ')}`);
  }
  return parsed.data;
}

/** Never repeats the value: it may be a secret. */
function describeProblem(issue: z.core.$ZodIssue): string {
  const name = String(issue.path[0]);
  const field = CONFIG_SCHEMA.shape[name as keyof typeof CONFIG_SCHEMA.shape];
  return `${name}: ${issue.message}. It is: ${field.description ?? ''}`;
}

/** Every variable with its meaning and its default, one a line, for `--help`. */
export function configTable(): string {
  const rows = Object.entries(CONFIG_SCHEMA.shape).map(([name, field]) => {
    const unset = field.safeParse(undefined);
    const byDefault = unset.data === undefined ? '' : ` (${String(unset.data)})`;
    return `  ${name.padEnd(26)} ${field.description ?? ''}${byDefault}`;
  });
  return rows.join('\n');
}
