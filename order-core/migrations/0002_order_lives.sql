-- Scheduled, changed, cancelled, rated and refunded orders; stock; commands that are told once;
-- consumers of events with their own place in the log.

ALTER TABLE cities
  -- What a customer who cancels gets back once the restaurant has accepted.
  ADD COLUMN cancellation jsonb NOT NULL
    DEFAULT '{"withinSeconds": 300, "refundWithin": 0.5, "refundAfter": 0}',
  ADD COLUMN delivery_code boolean NOT NULL DEFAULT false;

ALTER TABLE restaurants ADD COLUMN paused_until timestamptz;

ALTER TABLE menu_items
  -- Portions left; null when nobody counts. The check is what keeps two customers from the last one.
  ADD COLUMN stock integer,
  ADD CONSTRAINT stock_left CHECK (stock >= 0);

ALTER TABLE orders
  DROP CONSTRAINT orders_state_check,
  ADD CONSTRAINT orders_state_check CHECK (state IN ('SCHEDULED', 'PLACED', 'PAID', 'CONFIRMED',
    'PREPARING', 'READY', 'PICKED_UP', 'OUT_FOR_DELIVERY', 'DELIVERED', 'COMPLETED', 'CANCELLED')),
  -- The saga that this order was placed under; a newer engine carries it to its end by the same.
  ADD COLUMN saga_version smallint NOT NULL DEFAULT 1,
  ADD COLUMN scheduled_for timestamptz,
  ADD COLUMN confirmed_at timestamptz,
  ADD COLUMN delivery_code text CHECK (delivery_code ~ '^[0-9]{6}$'),
  ADD COLUMN code_attempts integer NOT NULL DEFAULT 0,
  -- The items that a customer wants instead, while their money is asked for.
  ADD COLUMN modification jsonb,
  ADD COLUMN rating jsonb,
  -- Why the order waits for a person.
  ADD COLUMN attention text;
CREATE INDEX orders_attention ON orders (city_id, placed_at) WHERE attention IS NOT NULL;

ALTER TABLE order_events
  -- What made it happen: a command's id, a timer, a step.
  ADD COLUMN causation text;

ALTER TABLE payments
  ADD COLUMN method text NOT NULL DEFAULT 'card' CHECK (method IN ('card', 'cash')),
  -- Which authorization counts; a changed order, or one that lapses, gets another.
  ADD COLUMN generation integer NOT NULL DEFAULT 1,
  -- What shall be captured, once that is decided.
  ADD COLUMN capture_minor bigint,
  ADD COLUMN refunded_minor bigint NOT NULL DEFAULT 0,
  DROP CONSTRAINT captured_within_authorized,
  ADD CONSTRAINT captured_within_authorized CHECK (captured_minor >= 0
    AND (method = 'cash' OR captured_minor <= authorized_minor)),
  ADD CONSTRAINT refunded_within_captured CHECK (refunded_minor BETWEEN 0 AND captured_minor);

-- Money that was, or may have been, held for an order; one row for each time it was asked for.
CREATE TABLE authorizations (
  city_id text NOT NULL,
  order_id uuid NOT NULL,
  generation integer NOT NULL CHECK (generation >= 1),
  amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
  state text NOT NULL CHECK (state IN ('pending', 'authorized', 'refused', 'captured', 'voided')),
  intent_id text UNIQUE,
  PRIMARY KEY (city_id, order_id, generation),
  FOREIGN KEY (city_id, order_id) REFERENCES orders
);
INSERT INTO authorizations (city_id, order_id, generation, amount_minor, state, intent_id)
SELECT p.city_id, p.order_id, 1, o.total_minor, p.state, p.provider_intent_id
FROM payments p JOIN orders o USING (city_id, order_id);
ALTER TABLE payments DROP COLUMN provider_intent_id;

-- What an operator gives back after the money was taken.
CREATE TABLE refunds (
  city_id text NOT NULL,
  order_id uuid NOT NULL,
  number integer NOT NULL CHECK (number >= 1),
  amount_minor bigint NOT NULL CHECK (amount_minor > 0),
  state text NOT NULL CHECK (state IN ('pending', 'done')),
  provider_refund_id text,
  PRIMARY KEY (city_id, order_id, number),
  FOREIGN KEY (city_id, order_id) REFERENCES orders
);

-- The courier first: with the city first, looking for an order's live offer would find this index as
-- good as its own, and read all live offers of the city.
DROP INDEX offer_one_per_courier_slot;
CREATE UNIQUE INDEX offer_one_per_courier_slot ON offers (courier_id, slot, city_id)
  WHERE state IN ('offered', 'accepted');

-- A step may be under way for several authorizations or refunds of one order.
ALTER TABLE saga_steps
  ADD COLUMN number integer NOT NULL DEFAULT 1,
  DROP CONSTRAINT saga_steps_pkey,
  ADD PRIMARY KEY (city_id, order_id, step, number);
ALTER TABLE dead_letters
  ADD COLUMN number integer NOT NULL DEFAULT 1,
  ADD COLUMN first_tried_at timestamptz,
  -- Who decided that nothing more is to be done, when and why.
  ADD COLUMN discarded jsonb,
  DROP CONSTRAINT dead_letters_pkey,
  ADD PRIMARY KEY (city_id, order_id, step, number);

-- Commands that were carried out under a key: the same again is answered, not carried out.
CREATE TABLE commands (
  city_id text NOT NULL,
  actor text NOT NULL,
  key text NOT NULL,
  order_id uuid NOT NULL,
  request_hash bytea NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT command_key PRIMARY KEY (city_id, actor, key)
);
CREATE INDEX commands_at ON commands USING brin (at);

-- What was done to anything that is no order: menus, pauses, duty, dead letters.
CREATE TABLE audit_log (
  city_id text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  data jsonb NOT NULL
);
CREATE INDEX audit_log_at ON audit_log USING brin (at);

-- What the payment provider told us of its own accord. Each counts once, however often it comes.
CREATE TABLE webhook_inbox (
  event_id text PRIMARY KEY,
  type text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The order it was about, and what became of it.
  order_id uuid,
  outcome text NOT NULL
);

-- Events that the relay has handed to a consumer. A row goes with the effect of its event.
CREATE TABLE consumer_inbox (
  consumer text NOT NULL,
  city_id text NOT NULL,
  order_id uuid NOT NULL,
  sequence integer NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  -- 'infinity' when it was given up.
  due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_error text,
  PRIMARY KEY (consumer, city_id, order_id, sequence)
);
CREATE INDEX consumer_inbox_due ON consumer_inbox (consumer, due_at);
ALTER TABLE consumer_inbox
  SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

-- How far a consumer has come with an order, in the transaction of the effect: an event that is told
-- again counts once.
CREATE TABLE consumer_positions (
  consumer text NOT NULL,
  city_id text NOT NULL,
  order_id uuid NOT NULL,
  sequence integer NOT NULL,
  PRIMARY KEY (consumer, city_id, order_id)
);

-- Read models. Made of events alone: they can be thrown away and made again.
CREATE TABLE order_list (
  city_id text NOT NULL,
  order_id uuid NOT NULL,
  customer_id text NOT NULL,
  restaurant_id text NOT NULL,
  courier_id text,
  state text NOT NULL,
  total_minor bigint NOT NULL,
  captured_minor bigint NOT NULL,
  refunded_minor bigint NOT NULL,
  placed_at timestamptz NOT NULL,
  ended_at timestamptz,
  sequence integer NOT NULL,
  PRIMARY KEY (city_id, order_id)
);
CREATE INDEX order_list_of_customer ON order_list (city_id, customer_id, placed_at DESC);

CREATE TABLE restaurant_days (
  city_id text NOT NULL,
  restaurant_id text NOT NULL,
  day date NOT NULL,
  placed integer NOT NULL,
  delivered integer NOT NULL,
  cancelled integer NOT NULL,
  sales_minor bigint NOT NULL,
  PRIMARY KEY (city_id, restaurant_id, day)
);

CREATE TABLE courier_days (
  city_id text NOT NULL,
  courier_id text NOT NULL,
  day date NOT NULL,
  delivered integer NOT NULL,
  declined integer NOT NULL,
  lapsed integer NOT NULL,
  PRIMARY KEY (city_id, courier_id, day)
);
