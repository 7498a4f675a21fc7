import { computed, effect, signal } from '@preact/signals';
import type { CityFigures, CityView, OrderSummary } from '../../protocol/index.ts';
import { DISPATCH_FORM_DEFAULTS } from './settings-input.ts';
import { toast } from '../design/toasts.tsx';
import { sayFailure } from '../i18n/failures.ts';
import { t } from '../i18n/locale.ts';
import type { EngineLink } from '../live/engine-link.ts';
import type { BoardClock, Stage } from './board.ts';

const ORDERS_MS = 3_000;
const FIGURES_MS = 10_000;
const PAGE = 500;
/** A board of more is looked at by searching. */
const PAGES_MAX = 4;

/** What is looked at: an order, a courier, or nothing. */
export type Selection =
  | { readonly kind: 'order'; readonly orderId: string }
  | { readonly kind: 'courier'; readonly courierId: string }
  | null;

/** The live orders and figures of a city, and what the operator looks at. */
export class CityDesk {
  readonly engine: EngineLink;
  readonly city: CityView;
  readonly orders = signal<readonly OrderSummary[] | null>(null);
  readonly figures = signal<CityFigures | null>(null);
  readonly selection = signal<Selection>(null);
  readonly stage = signal<Stage>('all');
  readonly search = signal('');
  readonly showsHeat = signal(false);
  readonly attention = computed(() =>
    (this.orders.value ?? []).filter(({ attention }) => attention !== null),
  );
  readonly #stop = new AbortController();

  constructor(engine: EngineLink, city: CityView) {
    this.engine = engine;
    this.city = city;
    this.#repeat(() => this.refresh(), ORDERS_MS);
    this.#repeat(() => this.#readFigures(), FIGURES_MS);
    const ended = effect(() => {
      if (engine.connection.value === 'live') void this.refresh();
    });
    this.#stop.signal.addEventListener('abort', ended);
  }

  /** What is late, and for how long, is by this. */
  get clock(): BoardClock {
    const { timeScale } = this.engine.config;
    const promiseMinutes =
      this.city.dispatch?.promiseMinutes ?? DISPATCH_FORM_DEFAULTS.promiseMinutes;
    return { nowMs: this.engine.nowMs, timeScale, promiseMinutes };
  }

  order(orderId: string): OrderSummary | null {
    return this.orders.value?.find((one) => one.orderId === orderId) ?? null;
  }

  select(selection: Selection): void {
    this.selection.value = selection;
  }

  /** Binds a courier by hand. @returns whether it was done; otherwise it was said why not */
  async assign(orderId: string, courierId: string): Promise<boolean> {
    try {
      const why = t('city.assign.why');
      await this.engine.send({ type: 'assign_courier', orderId, courierId, why });
      toast(t('city.assigned', { courier: courierId }));
      await this.refresh();
      return true;
    } catch (error) {
      toast(sayFailure(error), 'danger');
      return false;
    }
  }

  /** What fails now is read a moment later; the connection's state is said elsewhere. */
  async refresh(): Promise<void> {
    const orders: OrderSummary[] = [];
    try {
      for (let page = 0; page < PAGES_MAX; page++) {
        const after = orders.at(-1)?.orderId;
        const query = { limit: String(PAGE), ...(after === undefined ? {} : { after }) };
        const more = await this.engine.api.cityOrders(this.city.cityId, query);
        orders.push(...more);
        if (more.length < PAGE) break;
      }
      this.orders.value = orders;
    } catch (error) {
      if (this.orders.value === null) toast(sayFailure(error), 'danger');
    }
  }

  close(): void {
    this.#stop.abort();
  }

  async #readFigures(): Promise<void> {
    try {
      this.figures.value = await this.engine.api.cityFigures(this.city.cityId);
    } catch {
      // Charts stay as they are; the next reading is near.
    }
  }

  /** Not while nobody looks, or nothing can be reached. */
  #repeat(read: () => Promise<void>, everyMs: number): void {
    let isReading = false;
    const round = async (): Promise<void> => {
      if (isReading || document.hidden || this.engine.connection.value !== 'live') return;
      isReading = true;
      await read();
      isReading = false;
    };
    void read();
    const timer = setInterval(() => void round(), everyMs);
    this.#stop.signal.addEventListener('abort', () => clearInterval(timer));
  }
}
