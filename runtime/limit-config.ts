import { isIP } from 'node:net';
import { z } from 'zod';
import { plainInteger } from './plain-number.ts';

/** How much is taken from whom. What is counted together, and how, stands in gateway/limits/. */
const quota = plainInteger(z.number().min(1).max(10_000_000));

/** As browsers send it: no path, no slash at the end. */
const ORIGIN = /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/;

/** One quota for each kind of client, such as `30/60/200`. */
const quotas = (kinds: number) => {
  const shape = new RegExp(`^[1-9]\\d{0,6}(/[1-9]\\d{0,6}){${kinds - 1}}$`);
  return z.string().regex(shape, `Invalid input: expected ${kinds} numbers, with / between them`);
};

export const LIMIT_FIELDS = {
  RATE_LIMITS: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Off takes everything from everybody, for simulations that come from one address'),
  TRUSTED_PROXIES: z
    .string()
    .refine(areProxies, 'Invalid input: expected addresses and networks, with commas between them')
    .optional()
    .describe('Proxies whose X-Forwarded-For is believed: addresses and networks, 10.0.0.0/8'),
  ALLOWED_ORIGINS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((origin) => origin.trim())
        .filter(Boolean),
    )
    .pipe(z.array(z.string().regex(ORIGIN, 'Invalid input: expected https://host, with commas')))
    .describe('Origins of pages elsewhere that may use the engine, such as https://app.example'),
  SEARCHES_PER_MINUTE: quotas(3)
    .default('30/60/200')
    .describe('Reads of restaurants: without token, by address / with / premium'),
  ORDERS_PER_MINUTE: quotas(3)
    .default('3/10/30')
    .describe('Requests to place an order: without token, by address / with / premium'),
  ORDERS_PER_HOUR: quotas(2)
    .default('10/100')
    .describe('Orders of a customer that were placed: standard / premium'),
  RESTAURANT_ORDERS_PER_HOUR: quota
    .default(500)
    .describe('Orders of a restaurant that were placed'),
  REQUESTS_PER_MINUTE: quotas(3)
    .default('60/300/1000')
    .describe('All other requests: without token, by address / with / premium'),
  STAFF_REQUESTS_PER_MINUTE: quota
    .default(6_000)
    .describe('Requests of an operator or a service account, of each of these kinds'),
  ADDRESS_REQUESTS_PER_MINUTE: quota
    .default(6_000)
    .describe('Requests from one address, of all its clients together'),
  ALL_REQUESTS_PER_SECOND: quota.default(20_000).describe('Requests of all clients together'),
  COMMANDS_PER_MINUTE: quota
    .default(120)
    .describe('Messages over one socket; operators and service accounts: ten times as many'),
  JSON_FIXES_PER_MINUTE: quota
    .default(60)
    .describe('Fixes of a courier as JSON messages; beyond, they are not taken'),
  FIX_FRAMES_PER_MINUTE: quota
    .default(300)
    .describe('Binary frames of fixes of a courier; beyond, they are not taken'),
  SOCKETS_PER_CLIENT: quota
    .default(10)
    .describe('Sockets that are open at once; operators and service accounts: ten times as many'),
  SOCKETS_PER_ADDRESS: quota
    .default(2_000)
    .describe('Sockets that are open at once from one address, and opened in a minute'),
  SOCKETS_MAX: quota.default(100_000).describe('Sockets that are open at once'),
  OVERLOAD_STEPS: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Off leaves nothing undone, however much there is to do'),
} as const;

function areProxies(text: string): boolean {
  return text.split(',').every((entry) => {
    const [address = '', bits, ...more] = entry.trim().split('/');
    const family = isIP(address);
    if (family === 0 || more.length > 0) return false;
    const bitsMax = family === 4 ? 32 : 128;
    return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= bitsMax);
  });
}
