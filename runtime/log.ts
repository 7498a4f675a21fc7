import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

/** Structured log: `log.info({ orderId, correlationId }, 'order placed')`. Facts first, text last. */
export type Logger = PinoLogger;

/** Never written, wherever they stand: what opens doors and what finds people. */
const REDACTED_KEYS = [
  'authorization',
  'token',
  'jwt',
  'secret',
  'password',
  'apiKey',
  'deliveryCode',
  'phone',
  'paymentToken',
];

/**
 * One JSON object a line on stdout, or on `destination`.
 * @param level pino's levels: fatal, error, warn, info, debug, trace, silent
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: REDACTED_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
      censor: '[redacted]',
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
