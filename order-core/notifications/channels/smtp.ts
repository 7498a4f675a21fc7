import { isIP } from 'node:net';
import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { createTransport } from 'nodemailer';
import {
  DEPENDENCIES,
  isAppError,
  messageOf,
  withDeadline,
  type Clock,
  type Logger,
} from '../../../runtime/index.ts';
import { orderErrors } from '../../errors.ts';
import type { EmailParcel, NotificationChannel } from '../channel.ts';

const { connectMs, requestMs, callMs, breaker } = DEPENDENCIES.email;
const CONNECTIONS = 4;
/** Messages that have or wait for a connection; of those of one receiver that can wait, one is made. */
const AT_ONCE = 16;

export interface SmtpChannelDeps {
  /** smtp(s)://user:password@host:port */
  readonly url: string;
  /** Sender's address. */
  readonly from: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * E-mail by a server of ours. With `smtps` TLS from the first byte, with `smtp` by STARTTLS, which is
 * insisted on unless the server is on this machine. The id of a parcel is the message's `Message-ID`,
 * by which mail systems drop what comes twice.
 */
export class SmtpChannel implements NotificationChannel<EmailParcel> {
  readonly #deps: SmtpChannelDeps;
  readonly #transport: ReturnType<typeof transportTo>;
  readonly #breaker: CircuitBreakerPolicy;
  #restsUntilMs = 0;

  constructor(deps: SmtpChannelDeps) {
    this.#deps = deps;
    this.#transport = transportTo(deps.url);
    // That one address is refused says nothing of the server.
    const isServers = (error: Error): boolean => !isAppError(error, 'notification_refused');
    this.#breaker = circuitBreaker(handleWhen(isServers), {
      halfOpenAfter: breaker.pauseMs,
      breaker: new ConsecutiveBreaker(breaker.failures),
    });
    this.#breaker.onBreak(() => {
      this.#restsUntilMs = deps.clock.monotonicMs() + breaker.pauseMs;
      deps.log.warn('smtp.given_up_for_now');
    });
    this.#breaker.onReset(() => deps.log.info('smtp.back'));
  }

  room(): number {
    if (this.#breaker.state === CircuitState.Closed) return AT_ONCE;
    return this.#deps.clock.monotonicMs() >= this.#restsUntilMs ? 1 : 0;
  }

  async send(parcel: EmailParcel): Promise<void> {
    try {
      await this.#breaker.execute(() => this.#submit(parcel));
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      throw orderErrors.make('notification_failed', { details: { reason: 'resting' } });
    }
  }

  close(): void {
    this.#transport.close();
  }

  async #submit({ id, to, subject, text, html }: EmailParcel): Promise<void> {
    const { from } = this.#deps;
    const domain = from.slice(from.lastIndexOf('@') + 1);
    const sending = this.#transport.sendMail({
      from,
      // As an object it is one address, whatever stands in it.
      to: { name: '', address: to },
      subject,
      text,
      html,
      messageId: `<${id}@${domain}>`,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await withDeadline(sending, callMs, 'smtp');
    } catch (error) {
      throw refusalOf(error);
    }
  }
}

function transportTo(text: string) {
  const url = new URL(text);
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const user = decodeURIComponent(url.username);
  const pass = decodeURIComponent(url.password);
  return createTransport({
    pool: true,
    maxConnections: CONNECTIONS,
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !isThisMachine(host),
    ignoreTLS: !secure && isThisMachine(host),
    ...(user === '' ? {} : { auth: { user, pass } }),
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    dnsTimeout: connectMs,
    socketTimeout: requestMs,
  });
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * 5xx about the address or the message is a no for ever; about our login it is not the message's
 * fault, and everything else may pass.
 */
function refusalOf(error: unknown): Error {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  const status = typeof responseCode === 'number' ? responseCode : 0;
  const isAboutIt = code === 'EENVELOPE' || code === 'EMESSAGE';
  const isFinal = isAboutIt && status >= 500 && status < 600;
  return orderErrors.make(isFinal ? 'notification_refused' : 'notification_failed', {
    details: { status, reason: typeof code === 'string' ? code : messageOf(error) },
    cause: error,
  });
}
