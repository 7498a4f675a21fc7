-- How a city finds couriers, and what is known of them to choose by.

-- What was set; what was not has the engine's default.
ALTER TABLE cities ADD COLUMN dispatch jsonb NOT NULL DEFAULT '{}';

ALTER TABLE couriers
  -- When the courier said it would stop; null: it did not say, or is off duty.
  ADD COLUMN shift_ends_at timestamptz,
  -- The last delivery, or when it came on duty.
  ADD COLUMN idle_since timestamptz NOT NULL DEFAULT now(),
  ADD CONSTRAINT shift_while_on_duty CHECK (on_duty OR shift_ends_at IS NULL);

-- Why dispatch chose this courier; null for who was bound by an operator.
ALTER TABLE offers ADD COLUMN why jsonb;

-- Full from the day of this migration on; `npm run projections -- rebuild` counts the days before.
ALTER TABLE courier_days
  ADD COLUMN accepted integer NOT NULL DEFAULT 0,
  ADD COLUMN ratings integer NOT NULL DEFAULT 0,
  ADD COLUMN stars integer NOT NULL DEFAULT 0;
