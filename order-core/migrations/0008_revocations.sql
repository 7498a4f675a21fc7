-- Tokens that are no good any more though they have not expired: all that somebody had until
-- `revoked_at`, or the one with this id.
CREATE TABLE revocations (
  city_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('subject', 'token')),
  -- ROLE:SUBJECT, or the id of the token.
  name text NOT NULL,
  revoked_at timestamptz NOT NULL,
  -- When the last of these tokens has expired.
  ends_at timestamptz NOT NULL CHECK (ends_at > revoked_at),
  PRIMARY KEY (city_id, kind, name)
);
CREATE INDEX revocations_ends_at ON revocations (ends_at);
