import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import {
  DEPENDENCIES,
  isAppError,
  messageOf,
  withDeadline,
  type AppError,
  type Clock,
} from '../../../runtime/index.ts';
import { orderErrors } from '../../errors.ts';
import type { NotificationChannel, WebhookParcel } from '../channel.ts';
import { signedHeaders } from './webhook-signature.ts';
import {
  safeAddresses,
  safeTarget,
  systemResolve,
  type AllowedHosts,
  type Resolve,
  type ResolvedAddress,
} from './webhook-target.ts';

/** Requests under way at once, to all receivers. */
const AT_ONCE = 64;
/** Connections that wait for the next request. */
const IDLE_SOCKETS_MAX = 64;
const IDLE_MS = 5_000;
/** Of `Retry-After`; more than an hour is not believed. */
const RETRY_AFTER_SECONDS_MAX = 3_600;

const GONE = 410;

export interface WebhookChannelDeps {
  readonly clock: Clock;
  /** Hosts that may be reached although they are not public, or without TLS. */
  readonly allowed: AllowedHosts;
  /** For tests: what names resolve to. */
  readonly resolve?: Resolve;
}

/**
 * Posts to the URL that a receiver gave, so it trusts nothing about it: the name is resolved here, each
 * address looked at, and the connection made to what was looked at; no redirect is followed; the answer
 * counts by its status alone and is not read. 2xx is a yes, 410 and a redirect a no for ever.
 */
export class WebhookChannel implements NotificationChannel<WebhookParcel> {
  readonly #deps: WebhookChannelDeps;
  readonly #http = new HttpAgent(agentOptions());
  readonly #https = new HttpsAgent(agentOptions());

  constructor(deps: WebhookChannelDeps) {
    this.#deps = deps;
  }

  /** A receiver that is away is no reason to keep from the others. */
  room(): number {
    return AT_ONCE;
  }

  async send(parcel: WebhookParcel): Promise<void> {
    const given = new AbortController();
    try {
      await withDeadline(this.#post(parcel, given.signal), DEPENDENCIES.webhook.callMs, 'webhook');
    } catch (error) {
      if (isAppError(error) && !isAppError(error, 'deadline_exceeded')) throw error;
      given.abort();
      throw failed({ reason: reasonOf(error) }, error);
    }
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  async #post(parcel: WebhookParcel, signal: AbortSignal): Promise<void> {
    const { clock, allowed, resolve = systemResolve } = this.#deps;
    const url = safeTarget(parcel.url, allowed);
    const addresses = await safeAddresses(url, allowed, resolve);
    const isTls = url.protocol === 'https:';
    const options: RequestOptions = {
      method: 'POST',
      agent: isTls ? this.#https : this.#http,
      lookup: pinned(addresses),
      signal,
      headers: {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(parcel.body),
        'User-Agent': 'Hexfleet',
        ...signedHeaders(parcel, clock.nowMs()),
      },
    };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = (isTls ? httpsRequest : httpRequest)(url, options, resolve);
      request.on('error', reject);
      request.end(parcel.body);
    });
    // An answer without a body leaves its connection for the next request; any other is cut.
    if (response.headers['content-length'] === '0' || response.statusCode === 204) {
      response.resume();
    } else {
      response.destroy();
    }
    judge(response);
  }
}

/** @throws AppError unless the receiver said yes */
function judge({ statusCode: status = 0, headers }: IncomingMessage): void {
  if (status >= 200 && status < 300) return;
  if (status === GONE || (status >= 300 && status < 400)) {
    throw orderErrors.make('notification_refused', { details: { status } });
  }
  throw failed({ status }, undefined, retryAfterMs(headers['retry-after']));
}

function failed(
  details: Readonly<Record<string, unknown>>,
  cause?: unknown,
  retryAfterMs = 0,
): AppError {
  return orderErrors.make('notification_failed', { details, cause, retryAfterMs });
}

/** Seconds only; a date is as good as nothing said. */
function retryAfterMs(header: string | undefined): number {
  if (header === undefined || !/^\d{1,6}$/.test(header)) return 0;
  return Math.min(Number(header), RETRY_AFTER_SECONDS_MAX) * 1_000;
}

function agentOptions() {
  return { keepAlive: true, maxFreeSockets: IDLE_SOCKETS_MAX, timeout: IDLE_MS };
}

/** Resolves every name to what was looked at before. */
function pinned(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses;
    if (all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

/** Of a failed connection the code says it shortest, and repeats no address. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return messageOf(error);
}
