-- What the fleet's fixes have taught of a city's ways: sums by block and hour (geo/speed-profile.ts).
-- Kept so that a restart forgets little; without the row the city goes by its settings.
CREATE TABLE travel_profiles (
  city_id text PRIMARY KEY REFERENCES cities,
  sums jsonb NOT NULL,
  saved_at timestamptz NOT NULL
);
