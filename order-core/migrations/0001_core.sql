-- The tables of the order core. Every table that grows has city_id first in its key, so that a
-- cluster can be split by city. Times are the database's own: no process's clock decides anything.

-- Aborts the whole statement: a statement made of many parts is all or nothing by this.
CREATE FUNCTION must(holds boolean, otherwise text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF holds IS NOT TRUE THEN
    RAISE EXCEPTION '%', otherwise USING ERRCODE = 'HX001';
  END IF;
  RETURN true;
END $$;

CREATE TABLE cities (
  city_id text PRIMARY KEY,
  name text NOT NULL,
  currency text NOT NULL CHECK (currency ~ '^[a-z]{3}$'),
  delivery_zone jsonb NOT NULL,
  delivery_fee_minor bigint NOT NULL CHECK (delivery_fee_minor >= 0),
  tax_rate double precision NOT NULL CHECK (tax_rate BETWEEN 0 AND 0.5),
  courier_speed_mps double precision NOT NULL CHECK (courier_speed_mps > 0),
  detour_factor double precision NOT NULL CHECK (detour_factor >= 1)
);

CREATE TABLE restaurants (
  city_id text NOT NULL REFERENCES cities,
  restaurant_id text NOT NULL,
  name text NOT NULL,
  lat double precision NOT NULL,
  lng double precision NOT NULL,
  open boolean NOT NULL,
  PRIMARY KEY (city_id, restaurant_id)
);

CREATE TABLE menu_items (
  city_id text NOT NULL,
  restaurant_id text NOT NULL,
  item_id text NOT NULL,
  position integer NOT NULL,
  name text NOT NULL,
  price_minor bigint NOT NULL CHECK (price_minor >= 0),
  available boolean NOT NULL,
  PRIMARY KEY (city_id, restaurant_id, item_id),
  FOREIGN KEY (city_id, restaurant_id) REFERENCES restaurants
);

CREATE TABLE couriers (
  city_id text NOT NULL REFERENCES cities,
  courier_id text NOT NULL,
  name text NOT NULL,
  vehicle text NOT NULL,
  capacity integer NOT NULL CHECK (capacity BETWEEN 1 AND 10),
  on_duty boolean NOT NULL DEFAULT false,
  -- Offers and assignments that are live; never above capacity, whatever the code does.
  active_orders integer NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (city_id, courier_id),
  CONSTRAINT courier_capacity CHECK (active_orders BETWEEN 0 AND capacity)
);

CREATE TABLE orders (
  city_id text NOT NULL REFERENCES cities,
  order_id uuid NOT NULL,
  customer_id text NOT NULL,
  restaurant_id text NOT NULL,
  restaurant_name text NOT NULL,
  courier_id text,
  reference text,
  correlation_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('PLACED', 'PAID', 'CONFIRMED', 'PREPARING', 'READY',
    'PICKED_UP', 'OUT_FOR_DELIVERY', 'DELIVERED', 'COMPLETED', 'CANCELLED')),
  cancel_reason text CHECK ((cancel_reason IS NOT NULL) = (state = 'CANCELLED')),
  -- none: not yet wanted or no longer; waiting: dispatch must find one; offered; assigned.
  courier_search text NOT NULL CHECK (courier_search IN ('none', 'waiting', 'offered', 'assigned')),
  waiting_since timestamptz CHECK ((waiting_since IS NOT NULL) = (courier_search = 'waiting')),
  -- Optimistic lock: each change names the version it was decided on and adds one.
  version integer NOT NULL DEFAULT 1,
  -- Sequence of the newest event.
  sequence integer NOT NULL CHECK (sequence >= 1),
  items jsonb NOT NULL,
  currency text NOT NULL,
  subtotal_minor bigint NOT NULL CHECK (subtotal_minor >= 0),
  delivery_fee_minor bigint NOT NULL CHECK (delivery_fee_minor >= 0),
  tax_minor bigint NOT NULL CHECK (tax_minor >= 0),
  total_minor bigint NOT NULL,
  pickup_lat double precision NOT NULL,
  pickup_lng double precision NOT NULL,
  dropoff_lat double precision NOT NULL,
  dropoff_lng double precision NOT NULL,
  dropoff_address text NOT NULL,
  placed_at timestamptz NOT NULL,
  ready_at timestamptz,
  PRIMARY KEY (city_id, order_id),
  CONSTRAINT order_total CHECK (total_minor = subtotal_minor + delivery_fee_minor + tax_minor),
  CONSTRAINT courier_known CHECK (courier_search <> 'assigned' OR courier_id IS NOT NULL)
);
CREATE INDEX orders_waiting ON orders (city_id, waiting_since) WHERE courier_search = 'waiting';
CREATE INDEX orders_of_restaurant ON orders (city_id, restaurant_id, placed_at)
  WHERE state IN ('PAID', 'CONFIRMED', 'PREPARING', 'READY');
CREATE INDEX orders_of_courier ON orders (city_id, courier_id)
  WHERE courier_search = 'assigned';

-- Append-only. What happened to an order, gapless from 1.
CREATE TABLE order_events (
  city_id text NOT NULL,
  order_id uuid NOT NULL,
  sequence integer NOT NULL CHECK (sequence >= 1),
  type text NOT NULL,
  schema_version smallint NOT NULL DEFAULT 1,
  data jsonb NOT NULL,
  -- role:subject of whoever caused it, or the engine's own part.
  actor text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (city_id, order_id, sequence),
  FOREIGN KEY (city_id, order_id) REFERENCES orders
);

-- Events on their way to the bus. A row goes when its event was published.
CREATE TABLE outbox (
  outbox_id bigint GENERATED ALWAYS AS IDENTITY,
  city_id text NOT NULL,
  order_id uuid NOT NULL,
  sequence integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (outbox_id)
);

-- Saga steps that must be carried out at another system. A row goes with the step's outcome.
CREATE TABLE saga_steps (
  city_id text NOT NULL,
  order_id uuid NOT NULL,
  step text NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  -- When to try (again). A claim moves it into the future: that is the lease.
  due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_error text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (city_id, order_id, step)
);
CREATE INDEX saga_steps_due ON saga_steps (due_at);

-- Deadlines. A row goes in the transaction that acts on it, so it acts once.
CREATE TABLE timers (
  city_id text NOT NULL,
  order_id uuid NOT NULL,
  kind text NOT NULL,
  due_at timestamptz NOT NULL,
  PRIMARY KEY (city_id, order_id, kind)
);
CREATE INDEX timers_due ON timers (due_at);

-- Steps that were given up: each waits for a person.
CREATE TABLE dead_letters (
  city_id text NOT NULL,
  order_id uuid NOT NULL,
  step text NOT NULL,
  attempts integer NOT NULL,
  error text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (city_id, order_id, step)
);

CREATE TABLE payments (
  city_id text NOT NULL,
  order_id uuid NOT NULL,
  payment_token text NOT NULL,
  provider_intent_id text UNIQUE,
  state text NOT NULL CHECK (state IN ('pending', 'authorized', 'refused', 'captured', 'voided')),
  authorized_minor bigint NOT NULL DEFAULT 0 CHECK (authorized_minor >= 0),
  captured_minor bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (city_id, order_id),
  FOREIGN KEY (city_id, order_id) REFERENCES orders,
  CONSTRAINT captured_within_authorized CHECK (captured_minor BETWEEN 0 AND authorized_minor)
);

-- Offers and what became of them. offered and accepted are live: they hold a courier's slot.
CREATE TABLE offers (
  city_id text NOT NULL,
  offer_id uuid NOT NULL,
  order_id uuid NOT NULL,
  courier_id text NOT NULL,
  slot integer NOT NULL CHECK (slot >= 0),
  state text NOT NULL CHECK (state IN
    ('offered', 'accepted', 'declined', 'expired', 'withdrawn', 'delivered')),
  offered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (city_id, offer_id),
  FOREIGN KEY (city_id, order_id) REFERENCES orders,
  FOREIGN KEY (city_id, courier_id) REFERENCES couriers
);
CREATE UNIQUE INDEX offer_one_per_order ON offers (city_id, order_id)
  WHERE state IN ('offered', 'accepted');
CREATE UNIQUE INDEX offer_one_per_courier_slot ON offers (city_id, courier_id, slot)
  WHERE state IN ('offered', 'accepted');
CREATE INDEX offers_of_order ON offers (city_id, order_id);

-- A customer's key names one order for ever; request_hash tells a repetition from a mistake.
CREATE TABLE idempotency_keys (
  city_id text NOT NULL,
  customer_id text NOT NULL,
  key text NOT NULL,
  request_hash bytea NOT NULL,
  order_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT idempotency_key PRIMARY KEY (city_id, customer_id, key)
);

-- Where couriers were. Written in batches; the live position never waits for it.
CREATE TABLE courier_fixes (
  city_id text NOT NULL,
  courier_id text NOT NULL,
  at timestamptz NOT NULL,
  lat double precision NOT NULL,
  lng double precision NOT NULL,
  heading_degrees real NOT NULL,
  speed_mps real NOT NULL,
  accuracy_meters real NOT NULL
);
CREATE INDEX courier_fixes_at ON courier_fixes USING brin (at);

-- These five are written and deleted all day: vacuum them long before the default 20 %.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
ALTER TABLE saga_steps SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
ALTER TABLE timers SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
ALTER TABLE couriers SET (fillfactor = 70);
ALTER TABLE orders SET (fillfactor = 70);
