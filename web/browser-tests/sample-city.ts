import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HexfleetApi, HexfleetSocket, newRequestId } from '../../clients/ts/index.ts';
import { EngineProcess } from '../../load-tests/engine-process/index.ts';
import { signToken } from '../../load-tests/world/tokens.ts';
import type { OrderView, Place, PlaceOrder, Role } from '../../protocol/index.ts';
import { sleep, systemClock } from '../../runtime/index.ts';

/** A small city that is good to look at, on an engine of its own: what the pictures are taken of. */

const CITY_ID = 'berlin';
const POLL_MS = 50;
/** Between fixes. */
const FIX_MS = 800;
const STAY_MS = 3_000;
const RIDE_STEPS = 30;
const CENTER: Place = { lat: 52.5219, lng: 13.4132 };

/** Degrees of a way of so many metres at this latitude. */
export function away({ lat, lng }: Place, northMeters: number, eastMeters: number): Place {
  const perDegree = 111_320;
  const east = eastMeters / (perDegree * Math.cos((lat * Math.PI) / 180));
  return { lat: lat + northMeters / perDegree, lng: lng + east };
}

const dish = (itemId: string, name: string, priceMinor: number, available = true) => ({
  itemId,
  name,
  priceMinor,
  available,
});

export const RESTAURANTS = [
  {
    id: 'golden-bowl',
    name: 'Golden Bowl',
    place: away(CENTER, 250, -500),
    menu: [
      dish('bibimbap', 'Bibimbap with spring vegetables', 1_290),
      dish('dumplings', 'Pan-fried dumplings, six', 850),
      dish('noodles', 'Cold sesame noodles', 980),
      dish('pancake', 'Spring onion pancake', 640, false),
      dish('tea', 'Roasted barley tea', 350),
    ],
  },
  {
    id: 'linden',
    name: 'Lindenküche',
    place: away(CENTER, -300, 400),
    menu: [dish('soup', 'Lentil soup', 650), dish('spaetzle', 'Käsespätzle', 1_150)],
  },
  {
    id: 'mezze',
    name: 'Mezze & More',
    place: away(CENTER, 700, 300),
    menu: [dish('falafel', 'Falafel plate', 990), dish('hummus', 'Hummus', 590)],
  },
  {
    id: 'napoli',
    name: 'Da Enzo',
    place: away(CENTER, -600, -700),
    menu: [dish('margherita', 'Margherita', 950), dish('diavola', 'Diavola', 1_190)],
  },
] as const;
export const DOOR = away(CENTER, -750, 350);

/** An irregular ring around the centre, as real zones are. */
function zone(): Place[] {
  return Array.from({ length: 24 }, (_, i) => {
    const angle = (i / 24) * 2 * Math.PI;
    const meters = 2_600 + 350 * Math.sin(3 * angle) + 200 * Math.cos(5 * angle);
    return away(CENTER, meters * Math.cos(angle), meters * Math.sin(angle));
  });
}

export class SampleCity {
  readonly #engine: EngineProcess;
  readonly #folder: string;
  readonly #couriers: SampleCourier[] = [];

  private constructor(engine: EngineProcess, folder: string) {
    this.#engine = engine;
    this.#folder = folder;
  }

  static async start(): Promise<SampleCity> {
    const folder = await mkdtemp(join(tmpdir(), 'hexfleet-pictures-'));
    const logFile = join(folder, 'engine.log');
    const engine = await EngineProcess.start({
      dataDir: folder,
      logFile,
      freePorts: true,
      env: {},
    });
    const city = new SampleCity(engine, folder);
    await city.#provision();
    return city;
  }

  get url(): string {
    return this.#engine.facts.url;
  }

  get cityId(): string {
    return CITY_ID;
  }

  async token(role: Role, subject: string): Promise<string> {
    const jwtSecret = await this.#engine.jwtSecret();
    return await signToken({ jwtSecret, cityId: CITY_ID }, role, subject);
  }

  async api(role: Role, subject: string): Promise<HexfleetApi> {
    return new HexfleetApi({ url: this.url, token: await this.token(role, subject) });
  }

  async order(customer: string, order: Partial<PlaceOrder> = {}): Promise<OrderView> {
    const api = await this.api('customer', customer);
    const items = [
      { itemId: 'bibimbap', quantity: 1 },
      { itemId: 'dumplings', quantity: 2 },
    ];
    const dropoff = { place: DOOR, address: 'Holzmarktstraße 25' };
    const wanted = { restaurantId: 'golden-bowl', items, dropoff, paymentToken: 'pm_card_visa' };
    return await api.placeOrder({ ...wanted, ...order }, newRequestId());
  }

  /** When `type` is the state of the order. */
  async isIn(state: OrderView['state'], orderId: string): Promise<void> {
    const api = await this.api('operator', 'olga');
    for (let tries = 0; tries < 200; tries++) {
      if ((await api.order(orderId)).state === state) return;
      await sleep(POLL_MS);
    }
    throw new Error(`order ${orderId} is not ${state}`);
  }

  /** A courier who takes whatever is offered, and goes where it is told. */
  async courier(courierId: string, start: Place): Promise<SampleCourier> {
    const courier = new SampleCourier(this.url, await this.token('courier', courierId));
    this.#couriers.push(courier);
    await courier.begins(start);
    return courier;
  }

  async stop(): Promise<void> {
    for (const courier of this.#couriers) courier.leaves();
    await this.#engine.stop();
    await rm(this.#folder, { recursive: true });
  }

  async #provision(): Promise<void> {
    const api = await this.api('service', 'setup');
    await api.putCity(CITY_ID, {
      name: 'Berlin',
      currency: 'eur',
      deliveryZone: [{ outer: zone(), holes: [] }],
      deliveryFeeMinor: 290,
      taxRate: 0.07,
      courierSpeedMps: 5,
      detourFactor: 1.3,
      deliveryCode: true,
      dispatch: { strategy: 'nearest' },
    });
    for (const { id, name, place, menu } of RESTAURANTS) {
      await api.putRestaurant(CITY_ID, id, { name, place, open: true, menu: [...menu] });
    }
    for (const courierId of ['kim', 'lou', 'mia']) {
      await api.putCourier(CITY_ID, courierId, {
        name: courierId,
        vehicle: 'scooter',
        capacity: 3,
      });
    }
  }
}

class SampleCourier {
  readonly socket: HexfleetSocket;
  readonly #open = Promise.withResolvers<void>();
  readonly #carried = new Set<string>();
  #sequence = 0;
  #last: { readonly place: Place; readonly headingDegrees: number } | null = null;
  #staying: ReturnType<typeof setInterval> | undefined;

  constructor(url: string, token: string) {
    this.socket = new HexfleetSocket({
      url,
      token,
      onMessage: (message) => {
        if (message.type !== 'offer') return;
        const { orderId, offerId } = message.offer;
        const taking = this.socket.send({ type: 'accept_offer', orderId, offerId });
        void taking.then(() => this.#carried.add(orderId));
      },
      onState: ({ connected }) => {
        if (connected) this.#open.resolve();
      },
    });
  }

  async begins(place: Place): Promise<void> {
    await this.#open.promise;
    await this.socket.send({ type: 'set_duty', onDuty: true });
    this.isAt(place, 0);
  }

  /** Waits until it has the order. */
  async carries(orderId: string): Promise<void> {
    while (!this.#carried.has(orderId)) await sleep(POLL_MS);
  }

  /** Goes a part of the way, quickly. */
  async rides(from: Place, to: Place, part: number): Promise<void> {
    for (let i = 1; i <= RIDE_STEPS; i++) {
      const done = (i / RIDE_STEPS) * part;
      // Not as the crow flies: along one street, then along another.
      const lat = from.lat + (to.lat - from.lat) * Math.min(1, done * 1.35);
      const lng = from.lng + (to.lng - from.lng) * Math.max(0, (done - 0.2) * 1.25);
      this.isAt({ lat, lng }, done < 0.2 ? 180 : 145);
      await sleep(FIX_MS);
    }
  }

  /** Is heard of from now on: stands, at a red light. */
  stays(): void {
    const last = this.#last;
    if (last === null) return;
    const { place, headingDegrees } = last;
    this.#staying = setInterval(() => this.isAt(place, headingDegrees), STAY_MS);
  }

  leaves(): void {
    clearInterval(this.#staying);
    this.socket.close();
  }

  isAt(place: Place, headingDegrees: number, atMs: number = systemClock.nowMs()): void {
    this.#sequence += 1;
    this.#last = { place, headingDegrees };
    const how = { speedMps: 18, accuracyMeters: 5, headingDegrees, sequence: this.#sequence, atMs };
    this.socket.sendFixes([{ ...place, ...how }]);
  }
}
