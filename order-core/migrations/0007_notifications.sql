-- Telling people and programs outside of the app: preferences, webhook endpoints, and what is told.

CREATE TABLE notification_preferences (
  city_id text NOT NULL,
  role text NOT NULL CHECK (role IN ('customer', 'restaurant', 'courier')),
  subject text NOT NULL,
  -- With addresses, language and quiet hours, as protocol/notifications.ts describes them.
  preferences jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (city_id, role, subject)
);

CREATE TABLE webhook_endpoints (
  city_id text NOT NULL,
  role text NOT NULL CHECK (role IN ('restaurant', 'service')),
  subject text NOT NULL,
  url text NOT NULL,
  -- Signs what is sent; the receiver has the same.
  secret text NOT NULL,
  -- Null: everything that is for the role.
  kinds jsonb,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (city_id, role, subject)
);

-- One thing to be told to one receiver by one channel. Holds no address and no text: both are made of
-- the preferences, the event and the order when it is sent.
CREATE TABLE notifications (
  city_id text NOT NULL,
  order_id uuid NOT NULL,
  -- Made of the event, the kind, the receiver and the channel: an event that is told again finds it here.
  notification_id uuid NOT NULL,
  sequence integer NOT NULL,
  kind text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('email', 'sms', 'push', 'webhook')),
  role text NOT NULL,
  subject text NOT NULL,
  -- 0: critical, 1: normal, 2: low.
  rank smallint NOT NULL CHECK (rank BETWEEN 0 AND 2),
  state text NOT NULL CHECK (state IN ('waiting', 'sent', 'skipped', 'dead', 'discarded')),
  -- Why it was skipped, or what the last try failed of.
  reason text,
  -- What goes out together has one, and keeps it however often it is tried.
  envelope_id uuid,
  attempts integer NOT NULL DEFAULT 0,
  -- When to try (again). A claim moves it into the future: that is the lease.
  due_at timestamptz NOT NULL,
  leased boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz CHECK ((ended_at IS NULL) = (state = 'waiting')),
  -- Who decided that nothing more is to be done, when and why.
  discarded jsonb CHECK ((discarded IS NOT NULL) = (state = 'discarded')),
  PRIMARY KEY (city_id, order_id, notification_id)
);
CREATE INDEX notifications_due ON notifications (channel, rank, due_at) WHERE state = 'waiting';
CREATE INDEX notifications_given_up ON notifications (notification_id)
  WHERE state IN ('dead', 'discarded');
CREATE INDEX notifications_of_city ON notifications (city_id, created_at);
CREATE INDEX notifications_created_at ON notifications USING brin (created_at);
ALTER TABLE notifications
  SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

-- Everything that was given up and waits for a person, or was settled by one.
CREATE VIEW given_up AS
SELECT order_id || '/' || step || '/' || number AS id, city_id, order_id, step, number, attempts,
  error, coalesce(first_tried_at, created_at) AS first_tried_at, created_at AS given_up_at, discarded
FROM dead_letters
UNION ALL
SELECT 'notification/' || notification_id, city_id, order_id, channel || ':' || kind, sequence,
  attempts, reason, created_at, ended_at, discarded
FROM notifications WHERE state IN ('dead', 'discarded')
UNION ALL
SELECT 'inbox/' || order_id || '/' || sequence, city_id, order_id, 'tell', sequence, attempts,
  last_error, NULL, NULL, NULL
FROM consumer_inbox WHERE consumer = 'notifications' AND due_at = 'infinity';
