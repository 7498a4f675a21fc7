-- What a courier's day has brought. Full from the day of this migration on;
-- `npm run projections -- rebuild` counts the days before.
ALTER TABLE courier_days
  ADD COLUMN fees_minor bigint NOT NULL DEFAULT 0,
  ADD COLUMN carried_meters bigint NOT NULL DEFAULT 0;
