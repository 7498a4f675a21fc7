import type {
  CancellationQuote,
  CityFigures,
  CityInput,
  CityView,
  CourierDay,
  CourierInput,
  DeliveryRecord,
  EngineStatus,
  HeatView,
  NotificationPreferences,
  NotificationPreferencesView,
  OrderCommandBody,
  OrderListEntry,
  OrderSummary,
  OrderTrack,
  OrderView,
  PlaceOrder,
  ReorderProposal,
  RestaurantDay,
  RestaurantInput,
  RestaurantView,
  RevocationInput,
  ShopCommand,
  WebhookEndpoint,
  WebSocketTicket,
  WireError,
} from '../../protocol/index.ts';
import { HEAT_RESOLUTION_MAX } from '../../protocol/wire.ts';
import { sleep, systemRandom, type Random } from '../../runtime/portable.ts';
import { currentToken, type TokenSource } from './access-token.ts';
import { repeatMs } from './backoff.ts';
import { ApiError, ConnectionLost } from './errors.ts';
import { newRequestId } from './request-id.ts';

const TIMEOUT_MS = 10_000;
/** They take 16 to 32 seconds: an engine that starts again is back before the last. */
const TRIES_MAX = 8;
/** Who is asked to wait longer than this is told, and not kept waiting. */
const RETRY_AFTER_MS_MAX = 30_000;

export interface ApiOptions {
  /** http(s)://host:port */
  readonly url: string;
  readonly token: TokenSource;
  /** Tries of a request whose answer was lost, or that the engine could not take now. */
  readonly tries?: number;
  readonly random?: Random;
}

/**
 * The REST interface. What may be repeated safely (reads, PUTs, and whatever has a key) is sent again
 * when its answer is lost or the engine restarts; a command without a key is sent once.
 *
 * Every method throws ApiError when the engine refuses, ConnectionLost when it cannot be reached.
 */
export class HexfleetApi {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  async status(): Promise<EngineStatus> {
    return await this.#json<EngineStatus>('GET', '/v1/status');
  }

  /**
   * Places an order once, however often it is called with this key.
   * @param idempotencyKey the caller's own name for this order, 1 to 255 printable characters
   */
  async placeOrder(
    request: PlaceOrder,
    idempotencyKey: string,
    correlationId: string = newRequestId(),
  ): Promise<OrderView> {
    return await this.#json<OrderView>('POST', '/v1/orders', request, {
      'Idempotency-Key': idempotencyKey,
      'X-Correlation-Id': correlationId,
    });
  }

  async order(orderId: string): Promise<OrderView> {
    return await this.#json<OrderView>('GET', `/v1/orders/${encodeURIComponent(orderId)}`);
  }

  /** The way of the order's courier so far, as far as the caller may see it. */
  async track(orderId: string): Promise<OrderTrack> {
    return await this.#json('GET', `/v1/orders/${encodeURIComponent(orderId)}/track`);
  }

  /** Where couriers are and where they are wanted, by cells of H3. @param resolution 5 to 8 */
  async heat(cityId: string, resolution: number = HEAT_RESOLUTION_MAX): Promise<HeatView> {
    return await this.#json('GET', `/v1/cities/${cityId}/heat?resolution=${resolution}`);
  }

  /**
   * Gives a command about an order.
   * @param idempotencyKey with it the command is carried out once, and repeated when its answer is lost
   */
  async command(
    orderId: string,
    command: OrderCommandBody,
    idempotencyKey?: string,
  ): Promise<OrderSummary> {
    const path = `/v1/orders/${encodeURIComponent(orderId)}/commands`;
    const headers = idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey };
    return await this.#json<OrderSummary>('POST', path, command, headers);
  }

  /** What cancelling now would give back. */
  async cancellation(orderId: string): Promise<CancellationQuote> {
    return await this.#json('GET', `/v1/orders/${encodeURIComponent(orderId)}/cancellation`);
  }

  /** What ordering the same again would be today; it is placed like any other order. */
  async reorder(orderId: string): Promise<ReorderProposal> {
    return await this.#json('GET', `/v1/orders/${encodeURIComponent(orderId)}/reorder`);
  }

  /** The customer's own orders, newest first. */
  async orders(): Promise<readonly OrderListEntry[]> {
    return (await this.#json<{ orders: OrderListEntry[] }>('GET', '/v1/orders')).orders;
  }

  /** A restaurant's days, newest first. */
  async restaurantDays(restaurantId: string): Promise<readonly RestaurantDay[]> {
    const path = `/v1/restaurants/${restaurantId}/days`;
    return (await this.#json<{ days: RestaurantDay[] }>('GET', path)).days;
  }

  /** A courier's days, newest first. */
  async courierDays(courierId: string): Promise<readonly CourierDay[]> {
    return (await this.#json<{ days: CourierDay[] }>('GET', `/v1/couriers/${courierId}/days`)).days;
  }

  /** For operators: a page of the city's live orders, oldest first. */
  async cityOrders(
    cityId: string,
    query: Readonly<Record<string, string>> = {},
  ): Promise<readonly OrderSummary[]> {
    const path = `/v1/cities/${cityId}/orders?${new URLSearchParams(query).toString()}`;
    return (await this.#json<{ orders: OrderSummary[] }>('GET', path)).orders;
  }

  /** For operators: what has happened in the city lately, minute by minute. */
  async cityFigures(cityId: string): Promise<CityFigures> {
    return await this.#json('GET', `/v1/cities/${cityId}/figures`);
  }

  /** What waits for an operator. */
  async attention(): Promise<readonly OrderSummary[]> {
    return (await this.#json<{ orders: OrderSummary[] }>('GET', '/v1/attention')).orders;
  }

  /** What a restaurant says about itself: items, stock, pauses. */
  async shopCommand(restaurantId: string, command: ShopCommand): Promise<void> {
    await this.#send('POST', `/v1/restaurants/${restaurantId}/commands`, command);
  }

  /** Where a city delivers, and on which terms. */
  async city(cityId: string): Promise<CityView> {
    return await this.#json('GET', `/v1/cities/${cityId}`);
  }

  async restaurant(restaurantId: string): Promise<RestaurantView> {
    return await this.#json('GET', `/v1/restaurants/${encodeURIComponent(restaurantId)}`);
  }

  async restaurants(): Promise<readonly RestaurantView[]> {
    const answer = await this.#json<{ restaurants: RestaurantView[] }>('GET', '/v1/restaurants');
    return answer.restaurants;
  }

  /** What a browser opens its WebSocket with, once and soon. */
  async webSocketTicket(): Promise<WebSocketTicket> {
    return await this.#json('POST', '/v1/ws-ticket');
  }

  /** For operators and service accounts: tokens are no good from now on, and their sockets closed. */
  async revoke(revocation: RevocationInput): Promise<void> {
    await this.#send('POST', '/v1/revocations', revocation);
  }

  async putCity(cityId: string, city: CityInput): Promise<void> {
    await this.#send('PUT', `/v1/cities/${cityId}`, city);
  }

  async putRestaurant(cityId: string, restaurantId: string, input: RestaurantInput): Promise<void> {
    await this.#send('PUT', `/v1/cities/${cityId}/restaurants/${restaurantId}`, input);
  }

  async putCourier(cityId: string, courierId: string, input: CourierInput): Promise<void> {
    await this.#send('PUT', `/v1/cities/${cityId}/couriers/${courierId}`, input);
  }

  /** One's own, and what the engine can reach people by. */
  async notificationPreferences(): Promise<NotificationPreferencesView> {
    return await this.#json('GET', '/v1/notifications/preferences');
  }

  /** Replaces one's own; what is left out has its default. */
  async putNotificationPreferences(preferences: Partial<NotificationPreferences>): Promise<void> {
    await this.#send('PUT', '/v1/notifications/preferences', preferences);
  }

  /** @returns the secret that signs from now on; it is not shown again */
  async putWebhookEndpoint(endpoint: WebhookEndpoint): Promise<{ readonly secret: string }> {
    return await this.#json('PUT', '/v1/notifications/webhook', endpoint);
  }

  async deleteWebhookEndpoint(): Promise<void> {
    await this.#send('DELETE', '/v1/notifications/webhook');
  }

  /** What became of notifications: an order's, or the city's newest. */
  async deliveryLog(orderId?: string): Promise<readonly DeliveryRecord[]> {
    const path =
      orderId === undefined
        ? '/v1/notifications'
        : `/v1/orders/${encodeURIComponent(orderId)}/notifications`;
    return (await this.#json<{ notifications: DeliveryRecord[] }>('GET', path)).notifications;
  }

  async #json<Body>(...request: RequestArguments): Promise<Body> {
    return (await (await this.#request(...request)).json()) as Body;
  }

  async #send(...request: RequestArguments): Promise<void> {
    await this.#request(...request);
  }

  /** One request, repeated while that can help. */
  async #request(...[method, path, body, headers = {}]: RequestArguments): Promise<Response> {
    const { tries = TRIES_MAX, random = systemRandom } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once({ method, path, body, headers });
      } catch (error) {
        const once = method === 'POST' && headers['Idempotency-Key'] === undefined;
        if (once || attempt >= tries || !mayRepeat(error)) throw error;
        const askedMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
        if (askedMs > RETRY_AFTER_MS_MAX) throw error;
        await sleep(askedMs + repeatMs(attempt, random));
      }
    }
  }

  async #once(request: ApiRequest): Promise<Response> {
    const { url, token } = this.#options;
    let response: Response;
    try {
      response = await fetch(new URL(request.path, url), {
        method: request.method,
        headers: {
          Authorization: `Bearer ${await currentToken(token)}`,
          ...(request.body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch (error) {
      throw new ConnectionLost(`${request.method} ${request.path}`, { cause: error });
    }
    if (response.ok) return response;
    throw new ApiError(await refusalOf(response), response.status);
  }
}

type RequestArguments = [
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
];

interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

function mayRepeat(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true;
  return error instanceof ApiError && [429, 502, 503, 504].includes(error.status);
}

async function refusalOf(response: Response): Promise<WireError> {
  try {
    return ((await response.json()) as { error: WireError }).error;
  } catch {
    // Something between us and the engine has answered.
    return { code: 'unknown', message: response.statusText, details: {} };
  }
}
